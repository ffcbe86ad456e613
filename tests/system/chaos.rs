//! The cases of `make chaos` with a few jobs each: nothing is lost, nothing is doubled.

use anyhow::Result;
use brine_tests::chaos::{self, Form};

#[actix_web::test]
async fn nothing_is_lost_and_nothing_is_doubled_whatever_breaks() -> Result<()> {
    for name in chaos::names() {
        let row = chaos::run(name, Form::Short).await?;
        println!("{row}");
        assert!(row.outcome.is_kept(), "{row}");
    }
    Ok(())
}
