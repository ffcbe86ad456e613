#!/usr/bin/env python3
"""What llama.cpp makes of a GGUF file on this machine, in the words of crates/model/examples/speed.rs.

    CMAKE_ARGS=-DGGML_NATIVE=ON pip install llama-cpp-python
    python3 scripts/compare_llama.py MODEL.gguf [THREADS]
"""

import resource
import sys
import time

START = time.perf_counter()

import llama_cpp as lib  # noqa: E402 (loading it is part of what is measured)


@lib.llama_log_callback
def nothing(_level, _text, _data):
    pass


class Model:
    """A context with room for four answers."""

    def __init__(self, path, threads):
        lib.llama_log_set(nothing, None)
        lib.llama_backend_init()
        model = lib.llama_model_load_from_file(path.encode(), lib.llama_model_default_params())
        options = lib.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_seq_max, options.kv_unified = 2048, 512, 4, True
        options.n_threads = options.n_threads_batch = threads
        self.context = lib.llama_init_from_model(model, options)
        self.memory = lib.llama_get_memory(self.context)
        self.batch = lib.llama_batch_init(512, 0, 1)

    def read(self, tokens):
        """Tokens with their positions and answers; logits after the last one of each answer."""
        batch = self.batch
        batch.n_tokens = len(tokens)
        last = {answer: number for number, (_, _, answer) in enumerate(tokens)}
        for number, (token, position, answer) in enumerate(tokens):
            batch.token[number], batch.pos[number] = token, position
            batch.n_seq_id[number], batch.seq_id[number][0] = 1, answer
            batch.logits[number] = number == last[answer]
        if lib.llama_decode(self.context, batch) != 0:
            raise RuntimeError("llama_decode failed")
        lib.llama_synchronize(self.context)

    def prompt(self, count):
        lib.llama_memory_clear(self.memory, True)
        self.read([(token(n), n, 0) for n in range(count)])
        for answer in range(1, 4):
            lib.llama_memory_seq_cp(self.memory, 0, answer, 0, -1)

    def answer(self, behind, answers, steps, size):
        for answer in range(4):
            lib.llama_memory_seq_rm(self.memory, answer, behind, -1)
        for step in range(steps):
            at = behind + step * size
            self.read([(token(step + n), at + n, answer) for answer in range(answers) for n in range(size)])


def token(number):
    return number * 37 % 5000 + 1000


def best(tokens, work):
    def rate():
        start = time.perf_counter()
        work()
        return tokens / (time.perf_counter() - start)

    return max(rate() for _ in range(3))


def main():
    model = Model(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2)
    print(f"ready after {time.perf_counter() - START:.2f} s")
    print(f"prompt: {best(256, lambda: model.prompt(256)):.1f} tokens/s")
    one = best(32, lambda: model.answer(256, 1, 32, 1))
    forced = best(64, lambda: model.answer(256, 1, 4, 16))
    four = best(128, lambda: model.answer(256, 4, 32, 1))
    model.prompt(500)
    model.read([(token(n), 500 + n, 0) for n in range(200)])
    late = best(32, lambda: model.answer(700, 1, 32, 1))
    print(f"one answer: {one:.1f} tokens/s, behind 700 tokens {late:.1f}")
    print(f"16 forced tokens at a time: {forced:.1f} tokens/s")
    print(f"four answers: {four:.1f} tokens/s")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
