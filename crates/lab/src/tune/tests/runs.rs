//! A run that is broken off and goes on gives what an unbroken one gives; refusals.

use std::path::Path;

use super::small::{corpus, network, settings, train, train_from};
use crate::tune::checkpoint::Mark;
use crate::tune::{Ended, Entry, Settings, TuneError, adapter, checkpoint};

const ALL: usize = usize::MAX;

fn entries(folder: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(folder.join("progress.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_run_learns_and_leaves_adapter_chart_journal_and_report() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings("epochs = 30\nlearning_rate = 0.02");
    let Ended::Finished(summary) = train(folder.path(), &settings, &corpus(0), false, ALL).unwrap() else { panic!() };
    let (before, _) = summary.dev_losses.unwrap();
    assert_eq!(summary.steps, 90);
    assert!(summary.loss < 0.5 * before, "{summary:?}");
    assert_eq!(entries(folder.path()).len(), 90 + 31);
    let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
    assert!(read("loss.svg").contains("<svg") && read("report.md").contains("| steps | 90 |"));
    assert!(read("adapter_config.json").contains("\"base_sha256\": \"ab\""));
    assert!(!folder.path().join("checkpoint.safetensors").exists());
    let again = train(folder.path(), &settings, &corpus(0), false, ALL);
    assert!(matches!(again, Err(TuneError::Occupied(_))));
}

#[test]
fn a_run_that_was_broken_off_ends_with_the_same_bytes() {
    let (whole, broken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = settings("");
    train(whole.path(), &settings, &corpus(0), false, ALL).unwrap();
    let ended = train(broken.path(), &settings, &corpus(0), false, 4).unwrap();
    assert_eq!(ended, Ended::Stopped { step: 4 });
    // What a killed process leaves: steps in the journal that are not in the checkpoint, the last line cut off.
    let path = broken.path().join("progress.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    let later = text.lines().last().unwrap().replace("\"step\":4", "\"step\":5");
    std::fs::write(&path, format!("{text}{later}\n{{\"kind\":\"st")).unwrap();
    train(broken.path(), &settings, &corpus(0), true, ALL).unwrap();
    let adapter = |folder: &Path| std::fs::read(folder.join("adapter_model.safetensors")).unwrap();
    assert!(adapter(whole.path()) == adapter(broken.path()));
    let losses = |folder: &Path| -> Vec<(usize, f64)> {
        let loss = |entry: &Entry| match entry {
            Entry::Step { step, loss, .. } | Entry::Dev { step, loss } => (*step, *loss),
        };
        entries(folder).iter().map(loss).collect()
    };
    assert_eq!(losses(whole.path()), losses(broken.path()));
}

#[test]
fn a_run_goes_on_only_with_the_data_and_settings_it_began_with() {
    let folder = tempfile::tempdir().unwrap();
    let missing = train(folder.path(), &settings(""), &corpus(0), true, 1);
    assert!(matches!(missing, Err(TuneError::NoCheckpoint(_))));
    train(folder.path(), &settings(""), &corpus(0), false, 1).unwrap();
    let other = train(folder.path(), &settings(""), &corpus(2), true, 1).unwrap_err();
    assert!(other.to_string().contains("other data"), "{other}");
    let other = train(folder.path(), &settings("seed = 9"), &corpus(0), true, 1).unwrap_err();
    assert!(other.to_string().contains("other settings"), "{other}");
    let anew = train(folder.path(), &settings(""), &corpus(0), false, 1);
    assert!(matches!(anew, Err(TuneError::Occupied(_))));
}

#[test]
fn a_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings("");
    train(folder.path(), &settings, &corpus(0), false, 2).unwrap();
    let mark = Mark {
        data: corpus(0).fingerprint(),
        settings: settings.fingerprint(),
        base: "ab".to_owned(),
        ..Mark::default()
    };
    let network = network(&settings);
    let start = adapter::start(network.plan(), network.layers(), 1);
    let (mark, mut state) = checkpoint::read(folder.path(), &mark, &start).unwrap();
    state.parameters[1][0] = f32::NAN;
    checkpoint::write(folder.path(), &mark, &state).unwrap();
    let before = std::fs::read(checkpoint::path(folder.path())).unwrap();
    let error = train(folder.path(), &settings, &corpus(0), true, ALL).unwrap_err();
    assert!(error.to_string().contains("the loss at step 3 is not a number"), "{error}");
    assert!(before == std::fs::read(checkpoint::path(folder.path())).unwrap());
}

#[test]
fn a_run_begins_with_the_weights_of_an_adapter() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings_of = |text: &str| settings(&format!("epochs = 6\nlearning_rate = 0.02\n{text}"));
    let Ended::Finished(taught) = train(first.path(), &settings_of(""), &corpus(0), false, ALL).unwrap() else {
        panic!()
    };
    let from =
        |settings: &Settings, folder: &Path| train_from(folder, settings, &corpus(0), Some(first.path()), false, ALL);
    let Ended::Finished(again) = from(&settings_of("cool_down = 0.0"), second.path()).unwrap() else { panic!() };
    let ((new, after), (begun, _)) = (taught.dev_losses.unwrap(), again.dev_losses.unwrap());
    // The adapter's file is f16.
    assert!((after - begun).abs() < 1e-3 && (after - new).abs() > 0.1, "{new} {after} {begun}");
    for (text, wanted) in [
        ("rank = 3", "its rank is 4, that of the settings is 3"),
        ("alpha = 7.0", "its alpha is 8, that of the settings is 7"),
        ("targets = [\"v\", \"q\"]", "that of the settings is q_proj, v_proj"),
    ] {
        let error = from(&settings_of(text), tempfile::tempdir().unwrap().path()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
    std::fs::write(first.path().join("adapter_model.safetensors"), "rubbish").unwrap();
    let error = from(&settings_of(""), tempfile::tempdir().unwrap().path()).unwrap_err().to_string();
    assert!(error.contains("can't be begun with"), "{error}");
}

#[test]
fn a_run_that_goes_on_may_end_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    train(folder.path(), &settings("epochs = 9\ncool_down = 0.0"), &corpus(0), false, 4).unwrap();
    let ended = train(folder.path(), &settings("epochs = 2\ncool_down = 0.5"), &corpus(0), true, ALL).unwrap();
    assert!(matches!(ended, Ended::Finished(summary) if summary.steps == 6));
    let rates: Vec<f64> = entries(folder.path())
        .iter()
        .filter_map(|entry| match entry {
            Entry::Step { rate, .. } => Some(*rate),
            Entry::Dev { .. } => None,
        })
        .collect();
    assert!(rates[3] == 1e-3 && rates[4] < rates[3] && rates[5] < rates[4], "{rates:?}");
}
