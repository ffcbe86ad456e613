//! jira.
