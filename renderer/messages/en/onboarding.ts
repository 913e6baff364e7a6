/** The three steps of the start. */
export const onboarding = {
  title: 'Welcome to PixCrawler',
  skip: 'Skip',
  next: 'Next',
  back: 'Back',
  start: 'Make the first dataset',
  step: (number: number, of: number) => `Step ${number} of ${of}`,
  steps: [
    {
      title: 'Collect',
      text: 'Name what you need: keywords, web pages, lists of addresses, folders. PixCrawler asks each site politely, obeys robots.txt and other signals of consent, and keeps where every image came from and under which licence.',
    },
    {
      title: 'Check',
      text: 'Every image is opened and measured. What is damaged, blurred, tiny or nearly the same as another is set aside with its reason. Nothing is deleted: you decide, one key an image, and every decision can be undone.',
    },
    {
      title: 'Export',
      text: 'Write the dataset in the form your tools open at once. It is read back and checked before it gets its name.',
    },
  ],
};
