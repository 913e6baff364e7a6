/** What is in the trash for a week, and the hidden datasets of trials. */
export const trash = `
ALTER TABLE projects ADD COLUMN trashed_at INTEGER;
ALTER TABLE projects ADD COLUMN trashed_name TEXT;
ALTER TABLE datasets ADD COLUMN trashed_at INTEGER;
ALTER TABLE datasets ADD COLUMN trashed_name TEXT;
ALTER TABLE datasets ADD COLUMN trial_of INTEGER;
`;
