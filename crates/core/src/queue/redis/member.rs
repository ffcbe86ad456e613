//! How a ticket is written in a line: the job's id, and the ticket's cost in the last four bytes. An id that is a UUID, as
//! ours are, takes 16 bytes instead of 36; in either form ids sort as their text does.

use crate::clock::Millis;
use crate::ids::{JobId, TenantId};

const UUID: u8 = 0;
const TEXT: u8 = 1;
const COST_BYTES: usize = 4;
/// Bytes of a member whose id is a UUID.
const LONGEST: usize = 21;
/// In some 71,000 years: with three classes above each other, still a whole number to Redis.
const LATEST: Millis = (1 << 51) - 1;

/// What is in work: whose, and the id without the cost.
pub(super) fn in_work(tenant: &TenantId, job: &JobId) -> Vec<u8> {
    let mut member = Vec::with_capacity(tenant.as_str().len() + 1 + LONGEST);
    member.extend_from_slice(tenant.as_str().as_bytes());
    member.push(b'\n');
    write_id(&mut member, job);
    member
}

pub(super) fn encode(job: &JobId, cost: u32) -> Vec<u8> {
    let mut member = Vec::with_capacity(LONGEST);
    write_id(&mut member, job);
    member.extend(cost.to_be_bytes());
    member
}

fn write_id(member: &mut Vec<u8>, job: &JobId) {
    let mut spelled = uuid::Uuid::encode_buffer();
    match uuid::Uuid::try_parse(job.as_str()) {
        // Other spellings of a UUID would not come back as they were.
        Ok(uuid) if uuid.hyphenated().encode_lower(&mut spelled) == job.as_str() => {
            member.push(UUID);
            member.extend_from_slice(uuid.as_bytes());
        }
        _ => {
            member.push(TEXT);
            member.extend_from_slice(job.as_str().as_bytes());
        }
    }
}

/// A time as it is written: later ones than those that a place in a tenant's line can hold never come either.
pub(super) fn time(not_before: Millis) -> Millis {
    not_before.clamp(0, LATEST)
}

/// None for what was not written by us.
pub(super) fn decode(member: &[u8]) -> Option<(JobId, u32)> {
    let (id, cost) = member.split_at_checked(member.len().checked_sub(COST_BYTES)?)?;
    let (kind, id) = id.split_first()?;
    let job = match *kind {
        UUID => uuid::Uuid::from_slice(id).ok()?.to_string(),
        TEXT => String::from_utf8(id.to_vec()).ok()?,
        _ => return None,
    };
    Some((JobId::new(job), u32::from_be_bytes(cost.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were_and_ours_are_short() {
        let ours = JobId::make();
        assert_eq!(encode(&ours, 2000).len(), 21);
        for id in [ours.as_str(), "", "j-7", &ours.as_str().to_uppercase(), &ours.as_str().replace('-', "")] {
            for cost in [0, 1, 2000, u32::MAX] {
                let job = JobId::new(id);
                assert_eq!(decode(&encode(&job, cost)), Some((job, cost)));
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_not_read() {
        for member in [
            &b""[..],
            b"abc",
            b"\x02abcd",
            b"\x00abcd",
            b"\x00aaaaaaaaaaaaaaa\x00\x00\x00\x01",
            b"\x01\xff\x00\x00\x00\x01",
        ] {
            assert_eq!(decode(member), None, "{member:?}");
        }
    }
}
