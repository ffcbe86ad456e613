use brine_model::*;
use std::time::{Duration, Instant};
#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let e = Engine::start(std::path::Path::new(&a[1])).unwrap();
    eprintln!("load {:?}", t.elapsed());
    let w = Writer::new(e, "m", None);
    for f in &a[3..] {
        let story = brine_core::story::Story::from_text(&std::fs::read(f).unwrap()).unwrap();
        let t = Instant::now();
        let r = w
            .draft(
                DraftRequest {
                    story: story.clone(),
                    max_scenarios: 6,
                    seed: 0,
                    prompt: Some(a[2].clone()),
                    deadline: Duration::from_secs(100),
                },
                Default::default(),
                |e| {
                    if let DraftEvent::Scenario(_) = e {
                        eprintln!("  {:?}", t.elapsed())
                    }
                },
            )
            .await;
        match r {
            Ok(d) => {
                println!("{}", d.criteria.to_feature(story.summary()));
                eprintln!("{:?}", d.usage);
                for f in d.findings {
                    eprintln!("{:?} {:?} {}", f.scenario, f.rule, f.message)
                }
            }
            Err(e) => println!("ERR {e}"),
        }
    }
}
