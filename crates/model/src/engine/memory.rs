//! Giving a model's memory back to the system.

/// Hands freed memory back. glibc keeps it for itself otherwise, in a pool for each thread that ever allocated: models
/// that come and go would together take more than those that are in use.
pub(super) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[allow(unsafe_code)]
        unsafe extern "C" {
            fn malloc_trim(keep: usize) -> std::ffi::c_int;
        }
        // SAFETY: it takes a plain number, touches freed memory alone, and may be called from any thread.
        #[allow(unsafe_code)]
        unsafe {
            malloc_trim(0);
        }
    }
}
