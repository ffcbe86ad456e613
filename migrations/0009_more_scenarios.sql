-- Six scenarios were the most there could be, and what a project started with. Where that was left, a set may now be as long
-- as the story asks for.
UPDATE project_settings SET max_scenarios = 8 WHERE max_scenarios = 6;
