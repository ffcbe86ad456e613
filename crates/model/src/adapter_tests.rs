#![allow(clippy::unwrap_used)]

use super::*;

fn folder(config: &str, tensors: &[(&str, Tensor)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(CONFIG), config).unwrap();
    let tensors: HashMap<String, Tensor> = tensors.iter().map(|(n, t)| ((*n).to_owned(), t.clone())).collect();
    safetensors::save(&tensors, folder.path().join(WEIGHTS)).unwrap();
    folder
}

const GOOD: &str =
    r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2, "brine": {"base_sha256": "ab", "prompt": "rule@2"}}"#;

fn matrix(values: &[f32], shape: (usize, usize)) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

#[test]
fn the_two_parts_multiply_to_what_is_added() {
    let path = "base_model.model.model.layers.3.mlp.down_proj";
    let a = (format!("{path}.lora_A.weight"), matrix(&[1.0, 2.0], (1, 2)));
    let b = (format!("{path}.lora_B.weight"), matrix(&[1.0, 0.0, -1.0], (3, 1)));
    let folder = folder(GOOD, &[(&a.0, a.1.clone()), (&b.0, b.1.clone())]);
    let adapter = Adapter::load(folder.path(), "mine").unwrap();
    let delta = adapter.delta("blk.3.ffn_down.weight").unwrap().unwrap();
    assert_eq!(delta.to_vec2::<f32>().unwrap(), [[2.0, 4.0], [0.0, 0.0], [-2.0, -4.0]]);
    assert!(adapter.delta("blk.2.ffn_down.weight").unwrap().is_none());
    assert!(adapter.delta("token_embd.weight").unwrap().is_none());
    assert_eq!((adapter.name(), adapter.prompt()), ("mine", Some("rule@2")));
}

#[test]
fn another_base_is_refused() {
    let folder = folder(GOOD, &[]);
    let adapter = Adapter::load(folder.path(), "mine").unwrap();
    adapter.check_base("small", "AB").unwrap();
    let error = adapter.check_base("small", "cd").err().unwrap().to_string();
    assert!(error.contains("not made for small"), "{error}");
}

#[test]
fn what_is_no_adapter_of_ours_is_refused_with_the_reason() {
    for (config, reason) in [
        (r#"{"peft_type": "LORA", "r": 1, "lora_alpha": 2}"#, "brine.base_sha256"),
        (r#"{"peft_type": "IA3", "r": 1, "lora_alpha": 2}"#, "plain LoRA"),
        ("[]", "adapter_config.json"),
    ] {
        let folder = folder(config, &[]);
        let error = Adapter::load(folder.path(), "x").err().unwrap().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let error = Adapter::load(Path::new("/nowhere"), "x").err().unwrap().to_string();
    assert!(error.contains("adapter_config.json"), "{error}");
}

#[test]
fn halves_of_a_head_are_interleaved() {
    let rows = matrix(&[0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0], (8, 1));
    let found = interleave_halves(&rows, 2).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(found, [0.0, 2.0, 1.0, 3.0, 10.0, 12.0, 11.0, 13.0]);
}
