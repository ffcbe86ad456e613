#!/usr/bin/env python3
"""What llama.cpp makes of a GGUF file on this machine, in the words of crates/model/examples/speed.rs.

    pip install llama-cpp-python    (built here: CMAKE_ARGS=-DGGML_NATIVE=ON)
    python3 scripts/compare_llama.py MODEL.gguf [THREADS]
"""

import ctypes
import resource
import sys
import time

start = time.perf_counter()

import llama_cpp  # noqa: E402 (loading it is part of what is measured)


def main():
    path, threads = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2
    llm = llama_cpp.Llama(path, n_ctx=2048, n_batch=256, n_threads=threads, n_threads_batch=threads, n_seq_max=4, verbose=False)
    print(f"ready after {time.perf_counter() - start:.2f} s")
    tokens = [1000 + n * 37 % 5000 for n in range(256)]

    def timed(work):
        from_ = time.perf_counter()
        work()
        return time.perf_counter() - from_

    def prefill():
        llm.reset()
        llm.eval(tokens)

    print(f"prompt: {256 / min(timed(prefill) for _ in range(3)):.1f} tokens/s")

    def forced(count, times):
        for _ in range(times):
            llm.eval(tokens[:count])

    def decode():
        prefill_logits = llm.n_tokens
        del prefill_logits
        for n in range(32):
            llm.eval([500 + n])

    print(f"one answer: {32 / timed(decode):.1f} tokens/s")
    print(f"16 forced tokens at a time: {64 / timed(lambda: forced(16, 4)):.1f} tokens/s")

    # Four answers behind the same prompt.
    context, memory = llm._ctx.ctx, llama_cpp.llama_get_memory(llm._ctx.ctx)
    prefill()
    for answer in range(1, 4):
        llama_cpp.llama_memory_seq_cp(memory, 0, answer, 0, -1)
    batch = llama_cpp.llama_batch_init(4, 0, 1)
    vocabulary = llm.n_vocab()

    def four():
        for n in range(16):
            batch.n_tokens = 4
            for answer in range(4):
                batch.token[answer] = 500 + n + answer
                batch.pos[answer] = 256 + n
                batch.n_seq_id[answer] = 1
                batch.seq_id[answer][0] = answer
                batch.logits[answer] = 1
            if llama_cpp.llama_decode(context, batch) != 0:
                raise RuntimeError("llama_decode failed")
            ctypes.cast(llama_cpp.llama_get_logits_ith(context, 3), ctypes.POINTER(ctypes.c_float))[vocabulary - 1]

    print(f"four answers: {64 / timed(four):.1f} tokens/s")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
