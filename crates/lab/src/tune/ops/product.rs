//! Products of matrices that lie in slices.

use gemm::Parallelism;

/// A matrix in a slice: value (i, j) lies at `i * row_stride + j * column_stride`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

/// Where a product goes: rows of `columns` values, `stride` apart.
pub(crate) struct Target<'a> {
    values: &'a mut [f32],
    columns: usize,
    stride: usize,
}

/// What happens to the values that stand in the target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// They are overwritten.
    Set,
    /// The product is added to them.
    Add,
}

/// Who works on a product.
#[derive(Clone, Copy)]
pub(crate) enum Threads {
    /// The caller alone (it is one of many).
    One,
    /// All.
    All,
}

impl<'a> Matrix<'a> {
    /// [rows, columns], row by row.
    pub(crate) fn new(values: &'a [f32], columns: usize) -> Self {
        Self { values, rows: values.len() / columns, columns, row_stride: columns, column_stride: 1 }
    }

    /// `columns` of the columns, from `from` on.
    pub(crate) fn columns(self, from: usize, columns: usize) -> Self {
        debug_assert!(from + columns <= self.columns && self.column_stride == 1);
        Self { values: &self.values[from..], columns, ..self }
    }

    /// `rows` of the rows, from `from` on.
    pub(crate) fn rows(self, from: usize, rows: usize) -> Self {
        debug_assert!(from + rows <= self.rows);
        Self { values: &self.values[from * self.row_stride..], rows, ..self }
    }

    /// How many rows there are.
    pub(crate) fn count(&self) -> usize {
        self.rows
    }

    /// Transposed.
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn end(&self) -> usize {
        (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride + 1
    }
}

impl<'a> Target<'a> {
    /// [rows, columns], row by row.
    pub(crate) fn new(values: &'a mut [f32], columns: usize) -> Self {
        Self { values, columns, stride: columns }
    }

    /// `columns` of the columns, from `from` on.
    pub(crate) fn columns(self, from: usize, columns: usize) -> Self {
        debug_assert!(from + columns <= self.columns);
        Self { values: &mut self.values[from..], columns, stride: self.stride }
    }
}

/// `factor` · `left` [m, k] · `right` [k, n] into `target` [m, n].
///
/// # Panics
/// When the sizes do not fit together.
pub(crate) fn product(target: Target, write: Write, factor: f32, left: Matrix, right: Matrix, threads: Threads) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    let fits = k == right.rows && n == target.columns && target.values.len() >= (m - 1) * target.stride + n;
    assert!(fits && left.values.len() >= left.end() && right.values.len() >= right.end(), "matrices do not fit");
    let threads = match threads {
        Threads::One => Parallelism::None,
        Threads::All => Parallelism::Rayon(0),
    };
    let add = write == Write::Add;
    // SAFETY: the assertion above says that every value that is read or written lies in its slice; the target is borrowed
    // for writing, so it overlaps none of the others.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            target.values.as_mut_ptr(),
            1,
            target.stride as isize,
            add,
            left.values.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.values.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            if add { 1.0 } else { 0.0 },
            factor,
            false,
            false,
            false,
            threads,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_transposed_matrices_are_multiplied() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut out = [1.0; 6];
        let (left, right) = (Matrix::new(&a, 3), Matrix::new(&a, 3));
        product(Target::new(&mut out, 3).columns(1, 2), Write::Add, 2.0, left, right.t(), Threads::One);
        assert_eq!(out, [1.0, 29.0, 65.0, 1.0, 65.0, 155.0]);
        let mut out = [9.0; 1];
        let (left, right) = (left.rows(1, 1).columns(1, 2), right.columns(0, 1));
        product(Target::new(&mut out, 1), Write::Set, 1.0, left, right, Threads::All);
        assert_eq!(out, [5.0 + 6.0 * 4.0]);
    }

    #[test]
    #[should_panic(expected = "do not fit")]
    fn sizes_that_do_not_fit_are_refused() {
        let a = [0.0; 6];
        let mut out = [0.0; 4];
        product(Target::new(&mut out, 2), Write::Set, 1.0, Matrix::new(&a, 3), Matrix::new(&a, 3), Threads::One);
    }
}
