//! A model of two layers out of thin air, by our own kernels and by candle's arithmetic.
#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Tensor, safetensors};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

const WIDTH: usize = 256;
const INNER: usize = 512;
const HEADS: usize = 4;
const KV_HEADS: usize = 2;
const VOCABULARY: usize = 100;

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn model(&self) -> PathBuf {
        self.folder.path().join("model.gguf")
    }

    /// A model of this family, each matrix in another format, and an adapter for all of them.
    fn new(architecture: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key_width = WIDTH / HEADS * KV_HEADS;
        let shapes = [
            ("attn_q", "self_attn.q_proj", WIDTH, WIDTH, GgmlDType::Q4K),
            ("attn_k", "self_attn.k_proj", key_width, WIDTH, GgmlDType::Q5_0),
            ("attn_v", "self_attn.v_proj", key_width, WIDTH, GgmlDType::Q6K),
            ("attn_output", "self_attn.o_proj", WIDTH, WIDTH, GgmlDType::Q8_0),
            ("ffn_gate", "mlp.gate_proj", INNER, WIDTH, GgmlDType::Q4K),
            ("ffn_up", "mlp.up_proj", INNER, WIDTH, GgmlDType::Q4_1),
            ("ffn_down", "mlp.down_proj", WIDTH, INNER, GgmlDType::Q6K),
        ];
        // The same in every run: how far two roundings lie apart depends on what is rounded.
        let chance = RefCell::new(StdRng::seed_from_u64(7));
        let random = |shape: &[usize], size: f64| {
            let mut chance = chance.borrow_mut();
            // About normal, with the deviation `size`.
            let mut value = || (0..3).map(|_| chance.random_range(-1.0f32..1.0)).sum::<f32>() * size as f32;
            let values: Vec<f32> = (0..shape.iter().product()).map(|_| value()).collect();
            Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
        };
        let mut tensors = Vec::new();
        let mut adapter = HashMap::new();
        let mut add = |name: String, tensor: Tensor, dtype: GgmlDType| {
            tensors.push((name, QTensor::quantize(&tensor, dtype).unwrap()));
        };
        add("token_embd.weight".into(), random(&[VOCABULARY, WIDTH], 1.0), GgmlDType::Q5_0);
        add("output_norm.weight".into(), random(&[WIDTH], 1.0), GgmlDType::F32);
        for layer in 0..2 {
            for (name, peft, rows, columns, dtype) in shapes {
                let size = 1.0 / (columns as f64).sqrt();
                add(format!("blk.{layer}.{name}.weight"), random(&[rows, columns], size), dtype);
                if architecture == "qwen2" && ["attn_q", "attn_k", "attn_v"].contains(&name) {
                    add(format!("blk.{layer}.{name}.bias"), random(&[rows], 0.5), GgmlDType::F32);
                }
                let place = format!("base_model.model.model.layers.{layer}.{peft}");
                adapter.insert(format!("{place}.lora_A.weight"), random(&[3, columns], size));
                adapter.insert(format!("{place}.lora_B.weight"), random(&[rows, 3], 0.3));
            }
            for norm in ["attn_norm", "ffn_norm"] {
                add(format!("blk.{layer}.{norm}.weight"), random(&[WIDTH], 1.0), GgmlDType::F32);
            }
        }
        let sizes = [
            ("block_count", 2),
            ("embedding_length", WIDTH),
            ("attention.head_count", HEADS),
            ("attention.head_count_kv", KV_HEADS),
            ("context_length", 64),
        ];
        let sizes = sizes.map(|(key, size)| (format!("{architecture}.{key}"), Value::U32(size as u32)));
        let mut metadata = vec![("general.architecture", Value::String(architecture.to_owned()))];
        metadata.extend(sizes.iter().map(|(key, value)| (key.as_str(), value.clone())));
        let metadata: Vec<(&str, &Value)> = metadata.iter().map(|(key, value)| (*key, value)).collect();
        let tensors: Vec<(&str, &QTensor)> = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        let mut file = std::fs::File::create(folder.path().join("model.gguf")).unwrap();
        gguf_file::write(&mut file, &metadata, &tensors).unwrap();
        let config = r#"{"peft_type": "LORA", "r": 3, "lora_alpha": 6, "brine": {"base_sha256": "ab"}}"#;
        std::fs::write(folder.path().join("adapter_config.json"), config).unwrap();
        safetensors::save(&adapter, folder.path().join("adapter_model.safetensors")).unwrap();
        Self { folder }
    }

    /// By our kernels where this processor has what they need, and by candle.
    fn load(&self, with_adapter: bool) -> [Decoder; 2] {
        let file = GgufFile::open(&self.model()).unwrap();
        let config = Config::from_gguf(&file.content).unwrap();
        let adapter = with_adapter.then(|| Adapter::load(self.folder.path(), "thin").unwrap());
        let ours = Decoder::load(&file, &self.model(), adapter.as_ref(), 64, &Device::Cpu).unwrap();
        let candle = Tensors::load(&file, &self.model(), adapter.as_ref(), config, 64, &Device::Cpu).unwrap();
        [ours, Decoder { body: Body::Tensors(Box::new(candle)), layers: 2, kv_heads: KV_HEADS, room: 64 }]
    }
}

/// The logits after all tokens, of which the trunk has the first.
fn logits(decoder: &mut Decoder, tokens: &[u32], trunk: usize, piece: usize) -> Vec<f32> {
    let mut at = 0;
    for block in tokens[..trunk].chunks(piece) {
        decoder.read(block, at).unwrap();
        at += block.len();
    }
    let mut branch = decoder.branch();
    let mut last = Vec::new();
    for piece in tokens[trunk..].chunks(piece) {
        last = decoder.extend(trunk, &mut [(&mut branch, piece)]).unwrap().remove(0);
    }
    last
}

fn size(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|value| value * value).sum::<f32>().sqrt()
}

#[test]
fn our_kernels_and_candle_mean_the_same_with_an_adapter_and_without() {
    let tokens: Vec<u32> = (0..23).map(|n| n * 7 % VOCABULARY as u32).collect();
    for architecture in ["qwen2", "llama"] {
        let files = Files::new(architecture);
        let mut seen = Vec::new();
        for with_adapter in [false, true] {
            let [mut ours, mut candle] = files.load(with_adapter);
            let (found, expected) = (logits(&mut ours, &tokens, 9, 8), logits(&mut candle, &tokens, 9, 8));
            let error = size(found.iter().zip(&expected).map(|(a, b)| a - b)) / size(expected.iter().copied());
            // Both round activations to eight bits, each in its own way.
            assert!(error < 0.05, "{architecture}, adapter {with_adapter}: {error}");
            seen.push(found);
        }
        let change = size(seen[0].iter().zip(&seen[1]).map(|(a, b)| a - b)) / size(seen[0].iter().copied());
        assert!(change > 0.2, "{architecture}: the adapter changes nothing ({change})");
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn our_kernels_give_the_same_bits_however_a_text_is_cut() {
    let tokens: Vec<u32> = (0..40).map(|n| n * 11 % VOCABULARY as u32).collect();
    let [mut ours, _] = Files::new("qwen2").load(true);
    if !matches!(ours.body, Body::Packed(_)) {
        return;
    }
    let whole = logits(&mut ours, &tokens, 32, 64);
    for (trunk, piece) in [(32, 1), (0, 40), (17, 5), (39, 13)] {
        assert_eq!(logits(&mut ours, &tokens, trunk, piece), whole, "{trunk} {piece}");
    }
    // Beside another branch as well.
    ours.read(&tokens[..20], 0).unwrap();
    let mut branches = [ours.branch(), ours.branch()];
    let [first, second] = &mut branches;
    let both = ours.extend(20, &mut [(first, &[5, 6, 7]), (second, &tokens[20..])]).unwrap();
    assert_eq!(both[1], whole);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn models_of_one_file_share_its_weights_and_keep_their_own_adapter() {
    let tokens: Vec<u32> = (0..9).collect();
    let files = Files::new("qwen2");
    let alone = [false, true].map(|with_adapter| logits(&mut files.load(with_adapter)[0], &tokens, 3, 8));
    let [mut plain, _] = files.load(false);
    let [mut adapted, _] = files.load(true);
    assert_eq!(logits(&mut adapted, &tokens, 3, 8), alone[1]);
    assert_eq!(logits(&mut plain, &tokens, 3, 8), alone[0]);
    if let (Body::Packed(plain), Body::Packed(adapted)) = (&plain.body, &adapted.body) {
        assert!(plain.shares_weights_with(adapted));
    }
}
