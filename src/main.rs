use packlist::{inventory, layers::Tree, source};
fn main() {
    let arg = std::env::args().nth(1).expect("source");
    let wanted = inventory::wanted(inventory::ecosystems::ALL);
    let s = match source::read(&arg, &wanted, &source::Options::default()) {
        Ok(s) => s,
        Err(e) => {
            let mut e: &dyn std::error::Error = &e;
            eprintln!("error: {e}");
            while let Some(s) = e.source() {
                eprintln!("  {s}");
                e = s;
            }
            return;
        }
    };
    let tree = Tree::stack(&s.extracts);
    let bom = inventory::take(s.subject, s.layers, &tree, s.gaps, inventory::ecosystems::ALL);
    for (r, c) in &bom.components {
        println!("{r}\t{:?}\t{}", c.layer, c.evidence.len());
    }
    for g in &bom.gaps {
        eprintln!("{g:?}");
    }
    for l in &bom.layers {
        eprintln!("{l:?}");
    }
    eprintln!("{:?}", bom.subject);
}
