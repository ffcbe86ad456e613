//! Weights out of a mapped GGUF file into one piece of memory, by all threads; what was read of the file is let go at once.

use std::ops::Range;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use candle_core::quantized::GgmlDType;
use memmap2::{Mmap, MmapMut};
use rayon::prelude::*;

use super::kernel;
use super::layout::{self, Kind, ROWS, Tensor};
use super::linear::{Packed, Part};
use super::lora::Lora;
use crate::adapter::Adapter;
use crate::decoder::GgufFile;
use crate::decoder::config::{Config, Rotary};
use crate::decoder::file::FileId;
use crate::error::ModelError;

type Result<T> = std::result::Result<T, ModelError>;

/// One layer's weights.
pub(super) struct Layer {
    pub(super) attention_norm: Vec<f32>,
    /// q, k and v
    pub(super) qkv: [Part; 3],
    pub(super) output: [Part; 1],
    pub(super) feed_forward_norm: Vec<f32>,
    pub(super) gate_up: [Part; 2],
    pub(super) down: [Part; 1],
}

/// All weights.
pub(super) struct Weights {
    pub(super) embedding: Embedding,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Vec<f32>,
    pub(super) head: [Part; 1],
}

/// The embedding's rows, read from the file when they are asked for.
pub(super) struct Embedding {
    file: Arc<Mmap>,
    place: Place,
}

impl Embedding {
    /// The rows of these numbers: [numbers, columns].
    pub(super) fn rows(&self, numbers: &[u32]) -> candle_core::Result<Vec<f32>> {
        let tensor = self.place.of(&self.file);
        let mut rows = Vec::with_capacity(numbers.len() * tensor.columns);
        for number in numbers {
            let row = *number as usize;
            if row >= tensor.rows() {
                candle_core::bail!("there is no row {row}");
            }
            rows.extend(tensor.read(row..row + 1)?);
        }
        Ok(rows)
    }

    pub(super) fn width(&self) -> usize {
        self.place.columns
    }
}

/// Where a matrix lies in the file.
#[derive(Clone)]
struct Place {
    dtype: GgmlDType,
    columns: usize,
    at: Range<usize>,
}

impl Place {
    fn of<'a>(&self, file: &'a Mmap) -> Tensor<'a> {
        Tensor { dtype: self.dtype, columns: self.columns, bytes: &file[self.at.clone()] }
    }
}

/// Matrices of each layer, in the order of use.
const MATRICES: [&str; 7] = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"];

/// Whether this processor and this file's shapes are ones that the kernels are made for.
pub(super) fn fits(file: &GgufFile, config: &Config) -> bool {
    let columns = |name: &str| file.content.tensor_infos.get(name).and_then(|info| info.shape.dims2().ok());
    let fits = |name: &str| columns(name).is_none_or(|(_, columns)| columns.is_multiple_of(super::BLOCK));
    kernel::supported()
        && config.head_width.is_multiple_of(8)
        && fits("token_embd.weight")
        && (0..config.layers).all(|layer| MATRICES.iter().all(|name| fits(&format!("blk.{layer}.{name}.weight"))))
}

/// A matrix that is to be packed.
struct Slot {
    name: String,
    place: Place,
    kind: Kind,
    /// Where it comes to lie.
    at: usize,
}

/// The file, and what of it is to be packed.
struct Loader<'a> {
    file: &'a GgufFile,
    path: &'a Path,
    adapter: Option<&'a Adapter>,
    slots: Vec<Slot>,
    size: usize,
}

impl Weights {
    pub(super) fn load(file: &GgufFile, path: &Path, adapter: Option<&Adapter>, config: &Config) -> Result<Self> {
        let mut loader = Loader { file, path, adapter, slots: Vec::new(), size: 0 };
        for layer in 0..config.layers {
            for matrix in MATRICES {
                loader.plan(format!("blk.{layer}.{matrix}.weight"))?;
            }
        }
        let head = if loader.has("output.weight") { "output.weight" } else { "token_embd.weight" };
        loader.plan(head.to_owned())?;
        let embedding = Embedding { file: file.bytes.clone(), place: loader.place("token_embd.weight")? };
        let area = loader.shared()?;
        let layers = (0..config.layers).into_par_iter().map(|layer| loader.layer(layer, &area, config));
        let layers = layers.collect::<Result<Vec<_>>>()?;
        let head = [loader.part(head, &area, None, None)?];
        let norm = loader.vector("output_norm.weight")?;
        // Small tensors bring whole large pages back.
        file.let_go(0..file.bytes.len());
        Ok(Self { embedding, layers, norm, head })
    }
}

impl Loader<'_> {
    fn wrong(&self, reason: impl Into<String>) -> ModelError {
        ModelError::unusable(self.path, reason)
    }

    fn has(&self, name: &str) -> bool {
        self.file.content.tensor_infos.contains_key(name)
    }

    fn place(&self, name: &str) -> Result<Place> {
        let content = &self.file.content;
        let info = content.tensor_infos.get(name).ok_or_else(|| self.wrong(format!("it has no tensor {name}")))?;
        let (rows, columns) = info.shape.dims2()?;
        let dtype = info.ggml_dtype;
        if !columns.is_multiple_of(dtype.block_size()) {
            return Err(self.wrong(format!("the width of {name} does not fit its format")));
        }
        let start = usize::try_from(content.tensor_data_offset + info.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(rows * (columns / dtype.block_size()) * dtype.type_size());
        if end > self.file.bytes.len() {
            return Err(self.wrong(format!("it ends before {name} does")));
        }
        Ok(Place { dtype, columns, at: start..end })
    }

    fn plan(&mut self, name: String) -> Result<()> {
        let place = self.place(&name)?;
        let kind =
            Kind::of(place.dtype, place.columns).ok_or_else(|| self.wrong(format!("{name} has an odd width")))?;
        let groups = place.of(&self.file.bytes).rows().div_ceil(ROWS);
        self.slots.push(Slot { name, at: self.size, kind, place: place.clone() });
        self.size += groups * kind.group_bytes(place.columns);
        Ok(())
    }

    /// All that was planned, packed; models with other adapters in this process share it.
    fn shared(&self) -> Result<Arc<Mmap>> {
        static AREAS: Mutex<Vec<(FileId, Weak<Mmap>)>> = Mutex::new(Vec::new());
        let mut areas = AREAS.lock().unwrap_or_else(PoisonError::into_inner);
        areas.retain(|(_, area)| area.strong_count() > 0);
        let known = areas.iter().find(|(id, _)| *id == self.file.id);
        if let Some(area) = known.and_then(|(_, area)| area.upgrade()) {
            return Ok(area);
        }
        let area = Arc::new(self.pack()?);
        areas.push((self.file.id.clone(), Arc::downgrade(&area)));
        Ok(area)
    }

    /// Packs all that was planned.
    fn pack(&self) -> Result<Mmap> {
        /// Bytes that a thread packs in one go.
        const PIECE: usize = 4 << 20;
        let memory = |cause| ModelError::io(self.path, cause);
        let mut area = MmapMut::map_anon(self.size.max(1)).map_err(memory)?;
        // Large pages save many look-ups of addresses; without them it works as well.
        #[cfg(target_os = "linux")]
        let _ = area.advise(memmap2::Advice::HugePage);
        let mut pieces = Vec::new();
        let mut rest = &mut area[..];
        for slot in &self.slots {
            let group = slot.kind.group_bytes(slot.place.columns);
            let rows = slot.place.of(&self.file.bytes).rows();
            let at_once = (PIECE / group).max(1) * ROWS;
            for row in (0..rows).step_by(at_once) {
                let rows = row..(row + at_once).min(rows);
                let (out, others) = rest.split_at_mut(rows.len().div_ceil(ROWS) * group);
                rest = others;
                pieces.push((slot, rows, out));
            }
        }
        pieces.into_par_iter().with_max_len(1).try_for_each(|(slot, rows, out)| {
            let tensor = slot.place.of(&self.file.bytes);
            let group = slot.kind.group_bytes(tensor.columns);
            for (number, out) in out.chunks_exact_mut(group).enumerate() {
                layout::pack(slot.kind, &tensor, rows.start + number * ROWS, out)?;
            }
            let start = slot.place.at.start + rows.start * tensor.row_bytes();
            self.file.let_go(start..slot.place.at.start + rows.end * tensor.row_bytes());
            Ok::<_, ModelError>(())
        })?;
        area.make_read_only().map_err(memory)
    }

    fn layer(&self, index: usize, area: &Arc<Mmap>, config: &Config) -> Result<Layer> {
        let part = |name: &str, heads: Option<usize>| {
            let bias = format!("blk.{index}.{name}.bias");
            let bias = if self.has(&bias) { Some(self.vector(&bias)?) } else { None };
            let heads = heads.filter(|_| config.rotary == Rotary::Interleaved);
            self.part(&format!("blk.{index}.{name}.weight"), area, heads, bias)
        };
        let norm = |name: &str| self.vector(&format!("blk.{index}.{name}.weight"));
        Ok(Layer {
            attention_norm: norm("attn_norm")?,
            qkv: [part("attn_q", Some(config.heads))?, part("attn_k", Some(config.kv_heads))?, part("attn_v", None)?],
            output: [part("attn_output", None)?],
            feed_forward_norm: norm("ffn_norm")?,
            gate_up: [part("ffn_gate", None)?, part("ffn_up", None)?],
            down: [part("ffn_down", None)?],
        })
    }

    /// A packed matrix with its adapter. `interleaved` are the heads of q or k whose rows the file pairs in its own way.
    fn part(&self, name: &str, area: &Arc<Mmap>, interleaved: Option<usize>, bias: Option<Vec<f32>>) -> Result<Part> {
        let slot = self.slots.iter().find(|slot| slot.name == name);
        let slot = slot.ok_or_else(|| self.wrong(format!("it has no tensor {name}")))?;
        let tensor = slot.place.of(&self.file.bytes);
        let (rows, columns) = (tensor.rows(), tensor.columns);
        let weights = Packed { kind: slot.kind, rows, columns, area: area.clone(), at: slot.at };
        let thin = match self.adapter {
            Some(adapter) => adapter.thin(name, (rows, columns), interleaved)?,
            None => None,
        };
        let lora = thin.map(|thin| Lora::new(thin.rank, &thin.down, &thin.up, thin.scale));
        if bias.as_ref().is_some_and(|bias| bias.len() != rows) {
            return Err(self.wrong(format!("the bias of {name} does not fit it")));
        }
        Ok(Part { weights, lora, bias })
    }

    fn vector(&self, name: &str) -> Result<Vec<f32>> {
        if !self.has(name) {
            return Err(self.wrong(format!("it has no tensor {name}")));
        }
        Ok(self.file.tensor(name)?.flatten_all()?.to_vec1()?)
    }
}
