mod products;
mod scan;
