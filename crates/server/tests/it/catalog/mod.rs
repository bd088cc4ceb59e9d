mod bulk;
mod categories;
mod descriptors;
mod export;
mod pictures;
mod products;
mod scan;
