use super::*;
use crate::store::StoreError;

on_both![
    many_are_made_at_once_and_answered_in_order,
    what_nobody_has_seen_is_all_made_in_one_step,
    of_one_delivery_or_issue_told_twice_together_one_job_comes,
    what_was_seen_or_is_drafted_already_is_found_among_the_many,
    one_that_cannot_be_made_stands_in_nobodys_way,
    many_at_once_from_many_sides_get_in_nobodys_way,
];

fn hinted(bench: &Bench, issue: u32) -> NewJob {
    NewJob { delivery: Some(format!("created/{issue}")), ..bench.draft_job(issue) }
}

fn is_new(created: &Result<Created, StoreError>) -> bool {
    matches!(created, Ok(Created::New(_)))
}

async fn many_are_made_at_once_and_answered_in_order(bench: Bench) {
    // More than one statement takes, in an order of their own.
    let issues: Vec<u32> = (0..150).map(|n| (n * 67) % 150).collect();
    let answers = bench.store.create_jobs(issues.iter().map(|issue| hinted(&bench, *issue)).collect()).await;
    assert_eq!(answers.len(), issues.len());
    for (answer, issue) in answers.iter().zip(&issues) {
        let Ok(Created::New(job)) = answer else { panic!("{answer:?}") };
        assert_eq!(job.issue_id.as_str(), issue.to_string());
        assert_eq!(bench.job(job).await, *job, "told as it was written");
    }
    assert_eq!((bench.count("jobs").await, bench.count("deliveries").await), (150, 150));
}

async fn what_nobody_has_seen_is_all_made_in_one_step(bench: Bench) {
    let person = Some("Ann \"O'Hara\"\0 {é}".to_owned());
    let named = NewJob { requested_by_name: person, requested_by: Some("a:1".to_owned().into()), ..hinted(&bench, 1) };
    let live = bench.queued(2).await;
    let made = bench.store.create_plain(&[named, hinted(&bench, 2), hinted(&bench, 3)]).await.unwrap();
    let issues: Vec<_> = made.iter().map(|(place, job)| (*place, job.issue_id.as_str())).collect();
    assert_eq!(issues, [(0, "1"), (2, "3")], "the second is drafted already, by {}", live.id);
    let row = bench.job(&made[0].1).await;
    assert_eq!(row.requested_by_name.as_deref(), Some("Ann \"O'Hara\" {é}"));
    assert_eq!(row.requested_by.unwrap().as_str(), "a:1");
    assert_eq!(bench.count("deliveries").await, 2, "none is noted for the one that was left out");
}

async fn of_one_delivery_or_issue_told_twice_together_one_job_comes(bench: Bench) {
    let same_issue = NewJob { delivery: Some("changed/1/7".to_owned()), ..bench.draft_job(1) };
    let all = vec![hinted(&bench, 1), hinted(&bench, 2), hinted(&bench, 1), same_issue];
    let answers = bench.store.create_jobs(all).await;
    assert_eq!(answers.iter().map(is_new).collect::<Vec<_>>(), [true, true, false, false]);
    let id = |place: usize| answers[place].as_ref().unwrap().job().id.clone();
    assert_eq!((id(2), id(3)), (id(0), id(0)));
    assert_eq!((bench.count("jobs").await, bench.count("deliveries").await), (2, 3));
}

async fn what_was_seen_or_is_drafted_already_is_found_among_the_many(bench: Bench) {
    let seen = bench.store.create_job(hinted(&bench, 1)).await.unwrap().job().clone();
    let live = bench.queued(2).await;
    let answers = bench.store.create_jobs((0..4).map(|issue| hinted(&bench, issue)).collect()).await;
    assert_eq!(answers.iter().map(is_new).collect::<Vec<_>>(), [true, false, false, true]);
    assert_eq!(answers[1].as_ref().unwrap().job().id, seen.id);
    assert_eq!(answers[2].as_ref().unwrap().job().id, live.id);
    // The delivery that met a live job stays with it.
    let again = bench.store.create_job(hinted(&bench, 2)).await.unwrap();
    assert_eq!(again.job().id, live.id);
    assert_eq!((bench.count("jobs").await, bench.count("deliveries").await), (4, 4));
}

async fn one_that_cannot_be_made_stands_in_nobodys_way(bench: Bench) {
    let nobodys = NewJob { tenant: TenantId::from("nobody".to_owned()), ..hinted(&bench, 2) };
    let answers = bench.store.create_jobs(vec![hinted(&bench, 1), nobodys, hinted(&bench, 3)]).await;
    assert!(is_new(&answers[0]) && answers[1].is_err() && is_new(&answers[2]), "{answers:?}");
}

async fn many_at_once_from_many_sides_get_in_nobodys_way(bench: Bench) {
    // The same forty deliveries, told to eight web sides in orders of their own.
    let sides = (0..8_u32).map(|side| {
        let store = bench.store.clone();
        let all: Vec<NewJob> = (0..40).map(|n| hinted(&bench, (n * (2 * side + 3) + side) % 41)).collect();
        tokio::spawn(async move { store.create_jobs(all).await })
    });
    let sides: Vec<_> = sides.collect();
    let mut made = 0;
    for side in sides {
        let answers = side.await.unwrap();
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        made += answers.iter().filter(|answer| is_new(answer)).count();
    }
    assert_eq!(i64::try_from(made).unwrap(), bench.count("jobs").await);
    assert!(made <= 41);
}
