/** clipboard: of texts alone. */

let held = '';

export const clipboard = {
  writeText: async (text: string): Promise<void> => {
    held = text;
  },
  readText: async (): Promise<string> => held,
};
