//! Outlines of regions, merged from the outlines of their municipalities. A deployment that assigns
//! a town to another region sees it move on the map.
//!
//! The municipal outlines are those of the 2020 Census, simplified together so that neighbors share
//! every edge, on a grid of whole numbers. Edges shared by two towns of one region are dropped; the
//! rest is the region's outline.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use hotwash_schema::profile;
use serde::Deserialize;

/// Corner of an outline on the grid.
type Corner = (i32, i32);

/// Content of the outlines file.
#[derive(Deserialize)]
struct Municipalities {
    width: f64,
    height: f64,
    outlines: BTreeMap<String, Vec<Vec<i32>>>,
}

/// Outlines of the warehouse's profile; `None` when it has none. First used by a page, which is
/// after the warehouse was opened.
static MUNICIPALITIES: LazyLock<Option<Municipalities>> =
    LazyLock::new(|| serde_json::from_str(profile::active().outlines()?).ok());

/// Width and height of the grid.
pub fn grid() -> (f64, f64) {
    MUNICIPALITIES.as_ref().map_or((1.0, 1.0), |known| (known.width, known.height))
}

/// Outline of a region: closed rings, for islands and holes alike.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Rings.
    pub rings: Vec<Vec<Corner>>,
}

impl Outline {
    /// Returns the rings as an SVG path.
    pub fn path(&self, scale: f64) -> String {
        let corner =
            |(x, y): &Corner| format!("{:.1},{:.1}", f64::from(*x) * scale, f64::from(*y) * scale);
        let ring = |ring: &Vec<Corner>| {
            format!("M{}z", ring.iter().map(corner).collect::<Vec<_>>().join("L"))
        };
        self.rings.iter().map(ring).collect()
    }
}

/// Merges municipalities into regions. `region_of` maps a municipality's Census id to its region;
/// municipalities without an outline are skipped.
pub fn merged(region_of: &BTreeMap<String, i32>) -> BTreeMap<i32, Outline> {
    let mut towns: BTreeMap<i32, Vec<&Vec<i32>>> = BTreeMap::new();
    for (geoid, rings) in MUNICIPALITIES.iter().flat_map(|known| &known.outlines) {
        if let Some(region) = region_of.get(geoid) {
            towns.entry(*region).or_default().extend(rings);
        }
    }
    let region = |rings: Vec<&Vec<i32>>| {
        let mut outline = dissolve(&rings);
        outline.rings.retain(|ring| doubled_area(ring).abs() >= 2.0 * SLIVER);
        outline
    };
    towns.into_iter().map(|(id, rings)| (id, region(rings))).collect()
}

/// Minimum size of a drawn part, in squares of the grid (about 0.1 square miles). Simplification
/// leaves slivers between neighbors whose corners differ.
const SLIVER: f64 = 12.0;

/// Drops the edges that two rings share, and joins the rest into rings.
fn dissolve(rings: &[&Vec<i32>]) -> Outline {
    let mut edges: BTreeSet<(Corner, Corner)> = BTreeSet::new();
    for ring in rings {
        let corners: Vec<Corner> = ring.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        for (at, one) in corners.iter().enumerate() {
            let two = corners[(at + 1) % corners.len()];
            let edge = (*one.min(&two), *one.max(&two));
            // An edge seen twice lies between two towns of the region.
            if *one != two && !edges.remove(&edge) {
                edges.insert(edge);
            }
        }
    }
    let mut adjacent: BTreeMap<Corner, BTreeSet<Corner>> = BTreeMap::new();
    for (one, two) in edges {
        adjacent.entry(one).or_default().insert(two);
        adjacent.entry(two).or_default().insert(one);
    }
    let mut outline = Outline::default();
    while let Some(start) =
        adjacent.iter().find(|(_, next)| !next.is_empty()).map(|(from, _)| *from)
    {
        let (mut ring, mut at) = (vec![start], start);
        while let Some(next) = adjacent.get_mut(&at).and_then(BTreeSet::pop_first) {
            if let Some(back) = adjacent.get_mut(&next) {
                back.remove(&at);
            }
            if next == start {
                break;
            }
            ring.push(next);
            at = next;
        }
        if ring.len() > 2 {
            outline.rings.push(ring);
        }
    }
    outline
}

impl Outline {
    fn largest(&self) -> Option<&Vec<Corner>> {
        self.rings
            .iter()
            .max_by(|one, two| doubled_area(one).abs().total_cmp(&doubled_area(two).abs()))
    }

    /// Position of the label: the center of the largest part.
    pub fn center(&self) -> (f64, f64) {
        let Some(ring) = self.largest() else { return (0.0, 0.0) };
        let area = doubled_area(ring);
        if area == 0.0 {
            return ring.first().map_or((0.0, 0.0), |(x, y)| (f64::from(*x), f64::from(*y)));
        }
        let sum = sides(ring).fold((0.0, 0.0), |(x, y), (one, two)| {
            let cross = one.0 * two.1 - two.0 * one.1;
            (x + (one.0 + two.0) * cross, y + (one.1 + two.1) * cross)
        });
        (sum.0 / (3.0 * area), sum.1 / (3.0 * area))
    }

    /// Width and height of the largest part.
    pub fn size(&self) -> (f64, f64) {
        let Some(ring) = self.largest() else { return (0.0, 0.0) };
        let span = |of: fn(&Corner) -> i32| {
            let (low, high) = ring
                .iter()
                .map(of)
                .fold((i32::MAX, i32::MIN), |(low, high), at| (low.min(at), high.max(at)));
            f64::from(high - low)
        };
        (span(|corner| corner.0), span(|corner| corner.1))
    }
}

fn sides(ring: &[Corner]) -> impl Iterator<Item = ((f64, f64), (f64, f64))> + '_ {
    let point = |corner: &Corner| (f64::from(corner.0), f64::from(corner.1));
    (0..ring.len()).map(move |at| (point(&ring[at]), point(&ring[(at + 1) % ring.len()])))
}

fn doubled_area(ring: &[Corner]) -> f64 {
    sides(ring).map(|(one, two)| one.0 * two.1 - two.0 * one.1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_edge_disappears_and_a_hole_stays() {
        let (left, right) = (vec![0, 0, 2, 0, 2, 2, 0, 2], vec![2, 0, 4, 0, 4, 2, 2, 2]);
        let both = dissolve(&[&left, &right]);
        assert_eq!(
            (both.rings.len(), both.rings[0].len(), both.center(), both.size()),
            (1, 6, (2.0, 1.0), (4.0, 2.0))
        );
        let separate = dissolve(&[&left, &vec![8, 8, 9, 8, 9, 9]]);
        assert_eq!(separate.rings.len(), 2);
    }

    #[test]
    fn all_municipalities_in_one_region_are_the_state_and_unknown_ones_are_none() {
        let all: BTreeMap<String, i32> = MUNICIPALITIES
            .as_ref()
            .unwrap()
            .outlines
            .keys()
            .map(|geoid| (geoid.clone(), 1))
            .collect();
        assert_eq!(all.len(), 351);
        let state = &merged(&all)[&1];
        let (across, tall) = state.size();
        assert!(across > 1_500.0 && tall > 800.0, "{across} {tall}");
        // Hundreds of town outlines merge into few rings: the mainland, islands and slivers.
        assert!(state.rings.len() < 60, "{}", state.rings.len());
        assert!(merged(&BTreeMap::from([("9900000000".to_owned(), 1)])).is_empty());
    }
}
