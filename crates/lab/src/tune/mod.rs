//! LoRA fine-tuning.
