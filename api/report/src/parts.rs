//! Parts of pages: figures and lists that pages share or that are long enough for a file.

pub mod action_list;
pub mod asks;
pub mod feeds;
pub mod marks;
pub mod measures;
pub mod metric_paths;
pub mod overdue;
pub mod priorities;
pub mod published;
pub mod record_links;
pub mod repeats;
pub mod story;
pub mod tiles;
pub mod warnings;
