//! The cases of `make chaos` with a few jobs each, but for the one that needs root: nothing is lost, nothing is doubled.

use std::pin::pin;

use anyhow::Result;
use brine_tests::chaos::{self, Form};
use futures::StreamExt;

/// Each case has a cluster of its own, and most only wait for leases to end.
const AT_ONCE: usize = 3;

#[actix_web::test]
async fn nothing_is_lost_and_nothing_is_doubled_whatever_breaks() -> Result<()> {
    let (timed, others): (Vec<_>, Vec<_>) =
        chaos::names(Form::Short).into_iter().partition(|name| chaos::is_timed(name));
    let cases = timed.len() + others.len();
    let run = |name| chaos::run(name, Form::Short);
    let together = futures::stream::iter(others).map(run).buffer_unordered(AT_ONCE);
    let mut rows = pin!(together.chain(futures::stream::iter(timed).then(run)));
    let mut seen = 0;
    while let Some(row) = rows.next().await {
        let row = row?;
        println!("{row}");
        assert!(row.outcome.is_kept(), "{row}");
        seen += 1;
    }
    assert_eq!(seen, cases);
    Ok(())
}
