//! Which model is the default.

use super::*;

const GIB: u64 = 1 << 30;

fn default(models: &Folder, free: Option<u64>) -> (String, String) {
    let catalogue = Catalogue::built_in().unwrap();
    let (model, why) = models.default_model(&catalogue, Fit { free }).unwrap();
    (model.name.clone(), why)
}

/// A file of the right length, without taking the room.
fn put(models: &Folder, name: &str) {
    let catalogue = Catalogue::built_in().unwrap();
    let model = catalogue.model(name).unwrap();
    std::fs::File::create(models.file(model)).unwrap().set_len(model.size).unwrap();
}

#[test]
fn the_larger_model_is_the_default_where_four_gib_are_free_and_the_smaller_one_below() {
    let (_folder, models) = folder();
    for (free, expected) in [
        (Some(64 * GIB), "qwen2.5-coder-1.5b"),
        (Some(4 * GIB), "qwen2.5-coder-1.5b"),
        (Some(4 * GIB - 1), "qwen2.5-coder-0.5b"),
        (Some(0), "qwen2.5-coder-0.5b"),
        (None, "qwen2.5-coder-1.5b"),
    ] {
        assert_eq!(default(&models, free).0, expected, "{free:?}");
    }
    let (_, why) = default(&models, Some(3 * GIB));
    assert_eq!(why, "qwen2.5-coder-1.5b wants 4.00 GiB of free memory, and 3.00 GiB are free");
}

#[test]
fn a_model_that_was_fetched_stays_the_default_when_a_little_less_is_free() {
    let (_folder, models) = folder();
    put(&models, "qwen2.5-coder-1.5b");
    assert_eq!(default(&models, Some(3 * GIB)).0, "qwen2.5-coder-1.5b");
    assert_eq!(default(&models, Some(3 * GIB - 1)).0, "qwen2.5-coder-0.5b");
}

#[test]
fn another_model_that_is_here_is_named_but_does_not_take_the_defaults_place() {
    let (_folder, models) = folder();
    put(&models, "smollm2-135m");
    let catalogue = Catalogue::built_in().unwrap();
    let (model, _) = models.default_model(&catalogue, Fit { free: Some(8 * GIB) }).unwrap();
    let missing = || models.verify(model).unwrap_err().to_string();
    let pull = "model qwen2.5-coder-1.5b is not on this machine; get it with `brine model pull qwen2.5-coder-1.5b`";
    assert_eq!(missing(), pull, "what is for tests alone is not proposed");
    put(&models, "qwen2.5-coder-0.5b");
    assert_eq!(default(&models, Some(8 * GIB)).0, "qwen2.5-coder-1.5b");
    assert_eq!(
        missing(),
        format!("{pull}; qwen2.5-coder-0.5b is here: name it (--model, BRINE_MODEL) to use that one")
    );
}

#[test]
fn a_model_is_chosen_by_name_or_else_by_default() {
    let (_folder, models) = folder();
    let catalogue = Catalogue::built_in().unwrap();
    assert_eq!(models.choose(&catalogue, Some("smollm2-135m")).unwrap().name, "smollm2-135m");
    for nothing in [None, Some("")] {
        assert_eq!(models.choose(&catalogue, nothing).unwrap().purpose, Purpose::Criteria);
    }
    assert!(models.choose(&catalogue, Some("gpt-9")).is_err());
}

#[test]
fn a_verdict_says_what_is_taken_and_what_is_free() {
    let small = Model { memory_mib: 1024, ..model(vec![]) };
    let verdict = |free| Fit { free }.verdict(&small);
    assert_eq!(verdict(Some(2 * GIB)), "fits: takes 1.00 GiB of memory, 2.00 GiB are free");
    assert_eq!(verdict(Some(GIB / 2)), "does not fit: takes 1.00 GiB of memory, 512.00 MiB are free");
    assert!(verdict(None).contains("can't be found out"));
}
