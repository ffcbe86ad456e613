//! Trouble on demand: what a test asks for happens to the next requests that match.

use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// Answered with this status and Jira's error shape; nothing is done.
    Status(u16),
    /// Answered with 429 and `Retry-After` in seconds; nothing is done.
    RateLimited {
        /// The value of `Retry-After`.
        retry_after: u64,
    },
    /// Answered late.
    Delay(Duration),
    /// Done at once, and answered late.
    AnswerLate(Duration),
    /// Done, and then the connection is cut before the answer: the caller can't know.
    CutAfterWrite,
    /// Answered with a page of HTML and status 200, as a proxy in the way would.
    Html,
}

/// One trouble, for which requests, how often.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Only this method; any when empty.
    pub method: String,
    /// Only paths that contain this; any when empty.
    pub path_contains: String,
    /// What goes wrong.
    pub trouble: Trouble,
    /// For so many requests.
    pub times: u32,
}

impl Fault {
    /// The next request of this kind meets this trouble.
    pub fn once(method: &str, path_contains: &str, trouble: Trouble) -> Self {
        Self { method: method.into(), path_contains: path_contains.into(), trouble, times: 1 }
    }

    /// The next `times` requests of this kind do.
    pub fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.times > 0
            && (self.method.is_empty() || self.method.eq_ignore_ascii_case(method))
            && path.contains(&self.path_contains)
    }
}

/// The faults that are still to come, first come first served.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn push(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn pending(&self) -> u32 {
        self.0.iter().map(|fault| fault.times).sum()
    }

    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Trouble> {
        let fault = self.0.iter_mut().find(|fault| fault.matches(method, path))?;
        fault.times -= 1;
        Some(fault.trouble.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_only_its_own_requests_and_only_so_often() {
        let mut faults = Faults::default();
        faults.push(Fault::once("PUT", "/issue/", Trouble::Status(500)).times(2));
        assert!(faults.take("GET", "/rest/api/3/issue/1").is_none());
        assert!(faults.take("PUT", "/rest/api/3/myself").is_none());
        assert!(matches!(faults.take("put", "/rest/api/3/issue/1"), Some(Trouble::Status(500))));
        assert_eq!(faults.pending(), 1);
        assert!(faults.take("PUT", "/rest/api/3/issue/1").is_some());
        assert!(faults.take("PUT", "/rest/api/3/issue/1").is_none());
    }
}
