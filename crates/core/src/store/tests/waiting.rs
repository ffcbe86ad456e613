use super::*;

on_both![waiting_jobs_come_in_pages, what_a_job_costs_is_told];

async fn waiting_jobs_come_in_pages(bench: Bench) {
    let mut made = Vec::new();
    for issue in 0..7 {
        made.push(bench.queued(issue).await.id);
    }
    let leased = made.remove(3);
    bench.store.lease(&leased, LEASE).await.unwrap().unwrap();
    let (mut found, mut last) = (Vec::new(), None);
    loop {
        let page = bench.store.waiting_jobs_after(last.as_ref(), 2).await.unwrap();
        assert!(page.len() <= 2);
        let Some(end) = page.last() else { break };
        last = Some(end.id.clone());
        found.extend(page.into_iter().map(|job| job.id));
    }
    assert_eq!(found, made);
}

async fn what_a_job_costs_is_told(bench: Bench) {
    let (draft, publish) = bench.accepted(1).await;
    let small = Task::Draft { max_scenarios: 3, seed: 1, publish: false };
    let drafting = NewJob { task: small, class: Class::Bulk, ..bench.draft_job(2) };
    let drafting = bench.store.create_job(drafting).await.unwrap().job().clone();
    let waiting = bench.store.waiting_jobs_after(None, 10).await.unwrap();
    let of = |job: &Job| waiting.iter().find(|waits| waits.id == job.id).unwrap().clone();
    assert_eq!(
        (of(&publish).cost, of(&publish).class, &of(&publish).tenant),
        (publish.task.cost(), Class::Interactive, &draft.tenant)
    );
    assert_eq!((of(&drafting).cost, of(&drafting).class), (drafting.task.cost(), Class::Bulk));
    assert_eq!(of(&drafting).run_after, drafting.run_after);
}
