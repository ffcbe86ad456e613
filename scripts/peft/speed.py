"""How fast PyTorch with PEFT tunes the same base on batches of the same size: f32, the same LoRA, the loss on as many tokens.

    speed.py BASE.gguf PROGRESS.jsonl [--steps 3] [--accumulate 4]

PROGRESS.jsonl is that of `brine tune` on the same machine; its first steps say how many tokens were read and learned. The
attention is PyTorch's own (SDPA, causal); logits are computed for the learned tokens alone, as Brine does.
"""

import argparse
import json
import time

import torch
from compare import load_base
from peft import LoraConfig, get_peft_model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base")
    parser.add_argument("progress")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--accumulate", type=int, default=4)
    arguments = parser.parse_args()
    with open(arguments.progress, encoding="utf-8") as file:
        steps = [step for step in map(json.loads, file) if step["kind"] == "step"][: arguments.steps]
    torch.manual_seed(1)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(load_base(arguments.base), LoraConfig(r=32, lora_alpha=64, target_modules=targets)).train()
    inner = model.base_model.model
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    before, total, seconds, brine = 0, 0, 0.0, 0.0
    for step in steps:
        length = (step["tokens"] - before) // arguments.accumulate
        learned = step["targets"] // arguments.accumulate
        start = time.perf_counter()
        for _ in range(arguments.accumulate):
            tokens = torch.randint(100, 40000, (1, length))
            rows = torch.arange(length - learned, length)
            hidden = inner.model(tokens, use_cache=False).last_hidden_state[0, rows]
            loss = torch.nn.functional.cross_entropy(inner.lm_head(hidden), tokens[0, rows])
            (loss / arguments.accumulate).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        seconds += time.perf_counter() - start
        total += length * arguments.accumulate
        before, brine = step["tokens"], step["seconds"]
    threads = torch.get_num_threads()
    print(f"PyTorch {torch.__version__}, {threads} threads: {total / seconds:.0f} tokens/s; Brine: {before / brine:.0f}")


if __name__ == "__main__":
    main()
