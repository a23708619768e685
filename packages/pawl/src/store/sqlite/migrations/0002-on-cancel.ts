/** Migration 2: whether a cancel of a workflow's runs has something to clean up; null where an older Pawl registered it. */
export const onCancel = `
alter table workflows add column has_on_cancel integer;
`;
