-- Additive. The custom field that criteria are written into, where the target is 'field'.
ALTER TABLE project_settings ADD COLUMN field TEXT;
