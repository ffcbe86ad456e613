-- Each webhook pays for each index of jobs. Since 0004 the live ones are found by jobs_waiting and jobs_running.
DROP INDEX jobs_live;
