use super::*;

fn toy() -> Nic {
    nicspecs::compile("toy.yaml", nicspecs::TOY).unwrap()
}

#[test]
fn a_table_has_a_row_for_each_variant() {
    insta::assert_snapshot!(print(&Table { nics: &[toy()] }).unwrap());
}

#[test]
fn the_page_lists_the_features_of_a_driver() {
    insta::assert_snapshot!(print(&Page { nics: &[toy()] }).unwrap());
}

#[test]
fn text_around_the_table_stays() {
    let text = format!("before\n{BEGIN}old\n{END}after\n");
    let new = replaced(&text, "new\n").unwrap();
    assert_eq!(new, format!("before\n{BEGIN}new\n{END}after\n"));
    assert_eq!(replaced(&new, "new\n"), Some(new));
}

#[test]
fn a_readme_without_markers_is_not_changed() {
    let broken = [
        String::new(),
        format!("{BEGIN}only"),
        format!("{END}{BEGIN}"),
        format!("{BEGIN}{END}{BEGIN}{END}"),
    ];
    for text in broken {
        assert_eq!(replaced(&text, "new\n"), None, "{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("README.md"), "# A project\n").unwrap();
    let error = all(folder.path(), &[]).unwrap_err();
    assert!(error.help().unwrap().to_string().contains(END));
}
