"""Loads a base (GGUF) and an adapter with PyTorch and PEFT, and holds their logits against those that Brine computed.

    compare.py BASE.gguf ADAPTER-FOLDER LOGITS.json [--limit 1e-3]

LOGITS.json is what `logits` (crates/lab/examples) printed: {"tokens": [...], "logits": [[...], ...]}, a row for each token.
"""

import argparse
import json
import sys

import gguf
import torch
from peft import PeftModel
from transformers import LlamaConfig, LlamaForCausalLM

NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def field(reader, name):
    return reader.fields[f"llama.{name}"].contents()


def halves(weight, heads):
    """GGUF interleaves the halves of a head's rows; PyTorch's Llama has one after the other."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def load_base(path):
    reader = gguf.GGUFReader(path)
    heads, kv_heads = field(reader, "attention.head_count"), field(reader, "attention.head_count_kv")
    state = {}
    for tensor in reader.tensors:
        weight = torch.from_numpy(gguf.dequantize(tensor.data, tensor.tensor_type).copy()).float()
        if tensor.name.startswith("blk."):
            _, layer, part, _ = tensor.name.split(".")
            if part in ("attn_q", "attn_k"):
                weight = halves(weight, heads if part == "attn_q" else kv_heads)
            state[f"model.layers.{layer}.{NAMES[part]}.weight"] = weight
        elif tensor.name == "token_embd.weight":
            state["model.embed_tokens.weight"] = weight
        elif tensor.name == "output_norm.weight":
            state["model.norm.weight"] = weight
        elif tensor.name == "output.weight":
            state["lm_head.weight"] = weight
    vocabulary, width = state["model.embed_tokens.weight"].shape
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=field(reader, "feed_forward_length"),
        num_hidden_layers=field(reader, "block_count"),
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        rms_norm_eps=field(reader, "attention.layer_norm_rms_epsilon"),
        rope_theta=field(reader, "rope.freq_base"),
        max_position_embeddings=field(reader, "context_length"),
        tie_word_embeddings="lm_head.weight" not in state,
    )
    config.rope_parameters = {"rope_type": "default", "rope_theta": field(reader, "rope.freq_base")}
    model = LlamaForCausalLM(config).float().eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    lost = [name for name in missing if name != "lm_head.weight" or not config.tie_word_embeddings]
    if lost or unexpected:
        sys.exit(f"the base does not fit: missing {lost}, unexpected {unexpected}")
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("adapter")
    parser.add_argument("logits")
    parser.add_argument("--limit", type=float, default=1e-3)
    arguments = parser.parse_args()
    with open(arguments.logits, encoding="utf-8") as file:
        ours = json.load(file)
    base = load_base(arguments.base)
    tokens, wanted = torch.tensor([ours["tokens"]]), torch.tensor(ours["logits"])
    with torch.no_grad():
        plain = base(tokens).logits[0]
        found = PeftModel.from_pretrained(base, arguments.adapter)(tokens).logits[0]
    off, moved = (found - wanted).abs().max().item(), (plain - found).abs().max().item()
    print(f"{len(ours['tokens'])} tokens: at most {off:.1e} between PEFT and Brine; the adapter moves logits by up to {moved:.1f}")
    if not off <= arguments.limit:
        sys.exit(f"more than {arguments.limit:g}")
    if moved < 0.1:
        sys.exit("the adapter moves nothing: this compares nothing")


if __name__ == "__main__":
    main()
