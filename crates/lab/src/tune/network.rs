//! The base model, frozen, with LoRA parameters beside its linear layers: from a tree to its loss.

use std::sync::Arc;

use brine_model::Sizes;
use candle_core::{DType, Device, Tensor, Var};

use super::error::TuneError;
use super::layer::{Layer, Plan, Weights};
use super::ops::attend::{Frame, attend};
use super::ops::attention::Rotation;
use super::ops::composed;
use super::ops::entropy::{Head, entropy};
use super::ops::feed::feed;
use super::ops::frozen::{Frozen, Precision};
use super::ops::pool::Pool;
use super::settings::Settings;
use super::tree::Tree;

/// Inner values of all layers from which on a network is large: with them, a tree of a thousand tokens keeps a gigabyte.
const LARGE: usize = 100_000;

/// See the module.
pub struct Network {
    /// [vocabulary, width]
    embedding: Tensor,
    layers: Vec<Arc<Layer>>,
    head: Arc<Head>,
    plan: Arc<Plan>,
    rotation: Arc<Rotation>,
    pool: Pool,
    device: Device,
}

impl Network {
    /// Loads the weights to `device`.
    ///
    /// # Errors
    /// When they can't be read or do not fit into memory.
    pub(crate) fn load(
        sizes: &Sizes,
        weights: &dyn Weights,
        settings: &Settings,
        device: &Device,
        precision: Precision,
    ) -> Result<Self, TuneError> {
        let tensor = |name: &str| -> Result<Option<Tensor>, TuneError> {
            Ok(weights.tensor(name)?.map(|tensor| tensor.to_device(device)).transpose()?)
        };
        let needed = |name: &str| {
            let missing = || candle_core::Error::msg(format!("the base has no tensor {name}"));
            tensor(name)?.ok_or_else(|| TuneError::Compute(missing()))
        };
        let embedding = needed("token_embd.weight")?;
        let weight = tensor("output.weight")?.unwrap_or_else(|| embedding.clone());
        let weight = Frozen::new(weight, precision)?;
        let head = Head { norm: needed("output_norm.weight")?, epsilon: sizes.norm_epsilon, weight };
        let embedding = match precision {
            Precision::Full => embedding,
            Precision::Half => embedding.to_dtype(DType::F16)?,
        };
        let layers = (0..sizes.layers)
            .map(|index| Ok(Arc::new(Layer::load(weights, index, device, precision)?)))
            .collect::<Result<Vec<_>, TuneError>>()?;
        let room = settings.max_tokens.min(sizes.context);
        Ok(Self {
            embedding,
            layers,
            head: Arc::new(head),
            plan: Arc::new(Plan::new(sizes, &settings.targets, settings.rank, settings.scale())),
            rotation: Arc::new(Rotation::new(sizes.rotary, sizes.rotary_base, sizes.head_width, room)),
            pool: Pool::default(),
            device: device.clone(),
        })
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// Whether what a tree keeps for the way back takes gigabytes.
    pub(crate) fn large(&self) -> bool {
        self.plan.inner_width * self.layers.len() >= LARGE
    }

    pub(crate) fn layers(&self) -> usize {
        self.layers.len()
    }

    /// The network with these LoRA parameters, two lists a layer, in order.
    ///
    /// # Errors
    /// When they do not fit into memory.
    pub(crate) fn fit(&self, parameters: &[Vec<f32>]) -> candle_core::Result<Fitted<'_>> {
        let variable = |list: &Vec<f32>| Var::from_tensor(&Tensor::from_slice(list, list.len(), &self.device)?);
        Ok(Fitted { network: self, variables: parameters.iter().map(variable).collect::<Result<_, _>>()? })
    }
}

/// A network with LoRA parameters.
pub(crate) struct Fitted<'a> {
    network: &'a Network,
    /// The parameters on the device.
    pub(crate) variables: Vec<Var>,
}

impl Fitted<'_> {
    /// The sum over the tree's targets of -log p, in nats. Without `gradients`, there is no way back and less memory is
    /// used.
    ///
    /// # Errors
    /// When the arithmetic fails.
    pub(crate) fn loss(&self, tree: &Tree, gradients: bool) -> candle_core::Result<Tensor> {
        let x = self.hidden(tree, gradients)?;
        entropy(&x, &tree.targets, &self.network.head, &self.network.pool)
    }

    /// The logits at the tree's rows, [rows, vocabulary].
    ///
    /// # Errors
    /// When the arithmetic fails.
    pub(crate) fn logits(&self, tree: &Tree) -> candle_core::Result<Tensor> {
        composed::logits(&self.hidden(tree, false)?, &self.network.head)
    }

    /// What the layers make of the tree's rows, [rows, width].
    fn hidden(&self, tree: &Tree, gradients: bool) -> candle_core::Result<Tensor> {
        let network = self.network;
        let frame = Frame {
            plan: network.plan.clone(),
            rotation: network.rotation.clone(),
            shape: Arc::new(tree.shape.clone()),
            positions: Arc::new(tree.shape.positions()),
            pool: network.pool.clone(),
        };
        let tokens = Tensor::new(tree.tokens.as_slice(), &network.device)?;
        let mut x = network.embedding.index_select(&tokens, 0)?.to_dtype(DType::F32)?;
        for (index, (layer, lists)) in network.layers.iter().zip(self.variables.chunks_exact(2)).enumerate() {
            let list = |place: usize| {
                if gradients { lists[place].as_tensor().clone() } else { lists[place].as_detached_tensor() }
            };
            // Behind the last attention only the rows with a target matter.
            let rows = (index + 1 == network.layers.len()).then_some(tree.rows.as_slice());
            x = attend(&x, &list(0), layer, &frame, rows)?;
            x = feed(&x, &list(1), layer, &frame)?;
        }
        Ok(x)
    }
}
