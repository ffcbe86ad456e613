//! Tuning and measuring models on a company's own criteria: pairs of story and criteria, fine-tuning, distillation, and
//! evaluation. A tool for an engineer; never deployed with the service.

pub mod data;
pub mod distill;
pub mod eval;
pub mod gate;
pub mod tune;
