/** Says once that closing the window does not end the program. */

import { z } from 'zod';
import type { JsonFile } from './json-file.ts';
import { t } from './messages.ts';

export const stayNoticeSchema = z.object({ wasTold: z.boolean() });

interface StayNoticeOptions {
  readonly platform: string;
  readonly memory: JsonFile<z.infer<typeof stayNoticeSchema>>;
  readonly tell: (title: string, body: string) => void;
}

/** @returns to be called whenever the window was closed and the program goes on */
export function createStayNotice({ platform, memory, tell }: StayNoticeOptions): () => void {
  return () => {
    // There every program goes on without its window.
    if (platform === 'darwin' || memory.read()?.wasTold === true) return;
    memory.write({ wasTold: true });
    memory.flush();
    tell(t.tray.staysTitle, t.tray.stays);
  };
}
