//! Strict reading and canonical writing of JSON.

use crate::folder;
use scoring::json::{Fault, canonical, parse};

/// RFC 8785: with integers alone, what is written is what everybody writes.
#[test]
fn jcs() {
    let Some(folder) = folder::find("jcs") else { return };
    let inputs = folder::files(&folder.join("jcs/input"));
    let outputs = folder::files(&folder.join("jcs/output"));
    assert_eq!(inputs.len(), 6);
    for ((name, input), (_, output)) in inputs.iter().zip(&outputs) {
        let got = parse(input).map(|value| canonical(&value));
        // Our formats have no other numbers than integers.
        let has_fractions = ["structures.json", "values.json"].contains(&name.as_str());
        if has_fractions {
            assert_eq!(got, Err(Fault::NotInteger), "{name}");
        } else {
            assert_eq!(got.unwrap().as_bytes(), output, "{name}");
            // What is canonical already stays as it is.
            let again = parse(output).map(|value| canonical(&value));
            assert_eq!(again.unwrap().as_bytes(), output, "{name}");
        }
    }
}

/// Valid JSON that we refuse, and why: numbers that are not written as integers (`-0` is none in
/// JavaScript), and members that readers would choose between. All else that is valid is read.
const NARROWER: [(&str, Fault); 19] = [
    ("y_number.json", Fault::NotInteger),
    ("y_number_0e+1.json", Fault::NotInteger),
    ("y_number_0e1.json", Fault::NotInteger),
    ("y_number_double_close_to_zero.json", Fault::NotInteger),
    ("y_number_int_with_exp.json", Fault::NotInteger),
    ("y_number_minus_zero.json", Fault::NotInteger),
    ("y_number_negative_zero.json", Fault::NotInteger),
    ("y_number_real_capital_e.json", Fault::NotInteger),
    ("y_number_real_capital_e_neg_exp.json", Fault::NotInteger),
    ("y_number_real_capital_e_pos_exp.json", Fault::NotInteger),
    ("y_number_real_exponent.json", Fault::NotInteger),
    ("y_number_real_fraction_exponent.json", Fault::NotInteger),
    ("y_number_real_neg_exp.json", Fault::NotInteger),
    ("y_number_real_pos_exponent.json", Fault::NotInteger),
    ("y_number_simple_real.json", Fault::NotInteger),
    ("y_object_extreme_numbers.json", Fault::NotInteger),
    ("y_structure_lonely_negative_real.json", Fault::NotInteger),
    ("y_object_duplicated_key.json", Fault::DuplicateMember),
    ("y_object_duplicated_key_and_value.json", Fault::DuplicateMember),
];

#[test]
fn json_test_suite() {
    let Some(folder) = folder::find("json_test_suite") else { return };
    let files = folder::files(&folder.join("jsontestsuite"));
    assert_eq!(files.len(), 318);
    let mut wrong = Vec::new();
    for (name, text) in &files {
        let got = parse(text).err();
        let expected = NARROWER.iter().find(|(known, _)| known == name).map(|(_, fault)| *fault);
        let fits = match name.as_bytes()[0] {
            b'y' => got == expected,
            b'n' => got.is_some(),
            // What readers may take or leave: huge numbers, half characters, byte order marks.
            _ => got.is_some(),
        };
        if !fits {
            wrong.push(format!("{name}: {got:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
