/** Near-duplicates right behind the image that is kept for them: an order to go through and to make sections of. */
export const duplicateOrder = `
CREATE INDEX samples_by_duplicates ON samples (dataset_id, (coalesce(keeper_id, id) * 2 + (keeper_id IS NOT NULL)));
`;
