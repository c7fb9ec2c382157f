//! Which cells of a table by region are withheld: the small ones of other regions, and beside them the next smallest of every
//! sum that would give one back: over regions, over the further dimension, over the periods of a longer one, and of all of them together.

use std::collections::HashMap;
use std::sync::Arc;

use hotwash_schema::access::Viewer;

use super::follows::follows;
use super::table::Table;

/// The cells that are withheld from a viewer in a table and in the coarser ones, by the table's address.
#[derive(Default)]
struct Decided(HashMap<*const Table, Arc<Vec<bool>>>);

/// Whether each cell of a table is withheld from this viewer.
pub fn withheld(table: &Arc<Table>, viewer: &Viewer) -> Arc<Vec<bool>> {
    decide(table, viewer, &mut Decided::default())
}

fn decide(table: &Arc<Table>, viewer: &Viewer, decided: &mut Decided) -> Arc<Vec<bool>> {
    if let Some(known) = decided.0.get(&Arc::as_ptr(table)) {
        return Arc::clone(known);
    }
    let coarser: Vec<Arc<Vec<bool>>> = table.coarser.iter().map(|coarser| decide(coarser, viewer, decided)).collect();
    let others: Vec<bool> = table.cells.iter().map(|cell| !viewer.sees_region(&cell.region)).collect();
    let mut sums = Vec::with_capacity(table.sums.len());
    for sum in &table.sums {
        let parts: Vec<usize> = sum.parts.iter().copied().filter(|part| others[*part]).collect();
        let withheld = sum.told_by.is_some_and(|(table, cell)| coarser[table][cell]);
        if !parts.is_empty() {
            sums.push((parts, withheld));
        }
    }
    let mut hidden: Vec<bool> = table.cells.iter().zip(&others).map(|(cell, other)| *other && cell.small).collect();
    let neighbours = table.neighbours();
    loop {
        complete(&sums, &mut hidden);
        // Sums together can give back what none gives back alone.
        let given_back = determined(&sums, &hidden, &neighbours);
        let beside = sums.iter().filter(|(parts, _)| parts.iter().any(|part| given_back[*part]));
        // The cells are in the order of their size.
        let Some(next) = beside.flat_map(|(parts, _)| parts).filter(|part| !hidden[**part]).min() else { break };
        hidden[*next] = true;
    }
    let hidden = Arc::new(hidden);
    decided.0.insert(Arc::as_ptr(table), Arc::clone(&hidden));
    hidden
}

/// Withholds the next smallest part of every sum that is told and has exactly one withheld part, or is withheld and has none.
fn complete(sums: &[(Vec<usize>, bool)], hidden: &mut [bool]) {
    let mut of_cell: Vec<Vec<usize>> = vec![Vec::new(); hidden.len()];
    let mut counts = vec![0_usize; sums.len()];
    for (at, (parts, _)) in sums.iter().enumerate() {
        for part in parts {
            of_cell[*part].push(at);
            counts[at] += usize::from(hidden[*part]);
        }
    }
    let gives_back = |at: usize, count: usize| if sums[at].1 { count == 0 } else { count == 1 };
    while let Some(next) = (0..sums.len())
        .filter(|at| gives_back(*at, counts[*at]))
        .find_map(|at| sums[at].0.iter().find(|part| !hidden[**part]))
    {
        hidden[*next] = true;
        of_cell[*next].iter().for_each(|sum| counts[*sum] += 1);
    }
}

/// Whether each cell is withheld and follows from the sums that are told.
fn determined(sums: &[(Vec<usize>, bool)], hidden: &[bool], neighbours: &[usize]) -> Vec<bool> {
    let unknown: Vec<usize> = neighbours.iter().copied().filter(|cell| hidden[*cell]).collect();
    let mut place = vec![None; hidden.len()];
    unknown.iter().enumerate().for_each(|(at, cell)| place[*cell] = Some(at));
    let told = sums.iter().filter(|(_, withheld)| !withheld);
    let told: Vec<Vec<usize>> = told.map(|(parts, _)| parts.iter().filter_map(|part| place[*part]).collect()).collect();
    let mut given_back = vec![false; hidden.len()];
    for (cell, follows) in unknown.into_iter().zip(follows(place.iter().flatten().count(), &told)) {
        given_back[cell] = follows;
    }
    given_back
}
