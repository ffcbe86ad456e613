//! Telling telephone and card numbers from the numbers that a story is about.

/// The digits of a text.
pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Of so many digits, and neither an amount in groups of thousands, a date, nor a decimal number.
pub(super) fn is_phone(text: &str) -> bool {
    let count = digits(text).len();
    let international = text.starts_with('+');
    let least = if international { 8 } else { 9 };
    let body = text.trim_start_matches(['+', '(']);
    (least..=15).contains(&count) && !in_thousands(body) && !starts_with_date(body) && !has_wide_gap(text)
}

/// 13 to 19 digits with a right check digit, or four groups of four.
pub(super) fn is_card(text: &str) -> bool {
    let groups: Vec<&str> = text.split([' ', '-']).collect();
    let in_fours = groups.len() == 4 && groups.iter().all(|group| group.len() == 4);
    let digits = digits(text);
    let plain = groups.len() == 1 || groups.iter().all(|group| group.len() >= 3);
    in_fours || (plain && !in_thousands(text) && !all_alike(&digits) && luhn(&digits))
}

/// An IBAN with right check digits (ISO 13616), without spaces.
pub(super) fn is_iban(text: &str) -> bool {
    if !(15..=34).contains(&text.len()) || !text.is_ascii() {
        return false;
    }
    let (head, rest) = text.split_at(4);
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    let push = |sum: u32, c: char| match value(c) {
        digit @ 0..=9 => (sum * 10 + digit) % 97,
        letter => (sum * 100 + letter) % 97,
    };
    rest.chars().chain(head.chars()).fold(0, push) == 1
}

/// "1 000 000"
fn in_thousands(text: &str) -> bool {
    let mut groups = text.split([' ', '.', '/', '-']);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let number = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && !rest.is_empty()
        && number(first)
        && rest.iter().all(|group| group.len() == 3 && number(group))
}

/// "2026-11-24", "24.11.2026", "11/24/2026"
fn starts_with_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.', '/', ' ']).take(3).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    match lengths.as_slice() {
        [4, 2, 2] => parts[0].starts_with(['1', '2']),
        [1 | 2, 1 | 2, 4] => parts[2].starts_with(['1', '2']),
        _ => text.starts_with("0."),
    }
}

/// Two separators that do not belong together: "0171 - 12 30" may be a phone, "0800  1230" a table.
fn has_wide_gap(text: &str) -> bool {
    text.contains("  ") || text.contains("..") || text.contains("--")
}

fn all_alike(digits: &str) -> bool {
    digits.bytes().skip(1).all(|b| b == b'0') || digits.bytes().all(|b| Some(b) == digits.bytes().next())
}

fn luhn(digits: &str) -> bool {
    let add = |(place, b): (usize, u8)| {
        let digit = u32::from(b.wrapping_sub(b'0'));
        match (place % 2, digit) {
            (0, _) => digit,
            (_, 5..) => digit * 2 - 9,
            _ => digit * 2,
        }
    };
    digits.bytes().rev().enumerate().map(add).sum::<u32>().is_multiple_of(10)
}
