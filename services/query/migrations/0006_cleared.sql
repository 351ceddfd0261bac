-- The stages that have removed what they made of an import that was taken back.
ALTER TABLE imports ADD COLUMN cleared json NOT NULL DEFAULT '[]';
