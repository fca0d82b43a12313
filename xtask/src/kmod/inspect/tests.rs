//! Tests each check on small objects that it has to refuse.

use std::process::Command;

use super::*;

/// The assembled object of these instructions, in Intel syntax.
fn assembled(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let (source, object) = (folder.path().join("lib.rs"), folder.path().join("lib.o"));
    let program = format!("#![no_std]\ncore::arch::global_asm!(r#\"{text}\"#);\n");
    std::fs::write(&source, program).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut build = Command::new(rustc);
    build.args(["--crate-type", "lib", "--emit", "obj", "-o"]);
    build.arg(&object).arg(&source);
    assert!(build.status().unwrap().success());
    std::fs::read(object).unwrap()
}

/// A function of that name.
fn function(name: &str, body: &str) -> String {
    format!(".text\n.type {name}, @function\n{name}:\n{body}\n.size {name}, . - {name}\n")
}

/// The findings of a check in a function with that body.
fn findings(check: fn(&Code<'_>) -> Check, body: &str) -> Vec<String> {
    let object = assembled(&function("subject", body));
    check(&Code::of_objects(&[&object]).unwrap()).findings
}

#[track_caller]
fn finds(check: fn(&Code<'_>) -> Check, body: &str, expected: &str) {
    assert_eq!(findings(check, body), [expected], "{body}");
}

#[track_caller]
fn accepts(check: fn(&Code<'_>) -> Check, body: &str) {
    assert_eq!(findings(check, body), [""; 0], "{body}");
}

#[test]
fn vector_and_floating_point_registers_are_found() {
    let finds = |body, what: &str| finds(registers::check, body, &format!("subject + {what}"));
    finds(
        "nop\nmovups xmm3, [rdi]\nret",
        "0x1: Movups_xmm_xmmm128 uses XMM3",
    );
    finds("vzeroupper\nret", "0x0: VEX_Vzeroupper uses XMM0");
    finds(
        "vpaddd zmm17, zmm17, zmm17\nret",
        "0x0: EVEX_Vpaddd_zmm_k1z_zmm_zmmm512b32 uses ZMM17",
    );
    finds("kmovw k1, edi\nret", "0x0: VEX_Kmovw_kr_r32 uses K1");
    finds("movq mm2, rdi\nret", "0x0: Movq_mm_rm64 uses MM2");
    finds("fld1\nret", "0x0: Fld1 uses the unit FPU");
    finds("fninit\nret", "0x0: Fninit uses the unit FPU");
    finds("emms\nret", "0x0: Emms uses the unit MMX");
    finds(
        "fxsave [rdi]\nret",
        "0x0: Fxsave_m512byte uses the state of the vector unit",
    );
    finds(".byte 0x06\nret", "0x0: INVALID cannot be decoded");
    // Some instructions of the vector extensions use no vector register.
    accepts(
        registers::check,
        "mfence\npause\nmovnti [rdi], eax\npopcnt eax, edi\nret",
    );
}

#[test]
fn accesses_below_the_stack_pointer_are_found() {
    let below = |body, what: &str| finds(stack::check, body, &format!("subject + {what}"));
    below(
        "mov [rsp - 8], rdi\nret",
        "0x0: Mov_rm64_r64 accesses 8 bytes below the stack pointer",
    );
    // A frame pointer hides it.
    below(
        "push rbp\nmov rbp, rsp\nmov eax, [rbp - 16]\npop rbp\nret",
        "0x4: Mov_r32_rm32 accesses 16 bytes below the stack pointer",
    );
    below(
        "push rbp\nmov rbp, rsp\nsub rsp, 16\nmov [rbp - 24], rdi\nadd rsp, 16\npop rbp\nret",
        "0x8: Mov_rm64_r64 accesses 8 bytes below the stack pointer",
    );
    // So does a branch around the code that sets up the frame.
    below(
        "test edi, edi\nje 2f\nsub rsp, 8\nmov [rsp], rdi\nadd rsp, 8\nret\n2: mov [rsp - 4], edi\nret",
        "0x11: Mov_rm32_r32 accesses 4 bytes below the stack pointer",
    );
    below(
        "push rbp\nmov rbp, rsp\nleave\nmov [rsp - 8], rdi\nret",
        "0x5: Mov_rm64_r64 accesses 8 bytes below the stack pointer",
    );
    below(
        "push rbp\nmov rbp, rsp\nsub rsp, rax\nadd rsp, rax\nmov [rbp - 8], rdi\nleave\nret",
        "0xa: Mov_rm64_r64 accesses the stack while its pointer is unknown",
    );
    below(
        "mov rsp, rdi\nret",
        "0x0: Mov_rm64_r64 changes the stack pointer in a way that cannot be tracked",
    );
}

#[test]
fn frames_as_compilers_make_them_are_accepted() {
    for body in [
        "push rbp\nmov rbp, rsp\nsub rsp, 32\nmov [rbp - 32], rdi\nmov [rsp + 8], rdi\nleave\nret",
        "push rbp\nmov rbp, rsp\npush rbx\nmov [rbp - 8], rdi\npop rbx\npop rbp\nret",
        "push rbp\nmov rbp, rsp\nsub rsp, 64\nand rsp, -64\nmov [rsp], rdi\nlea rsp, [rbp]\npop rbp\nret",
        "push rbp\nmov rbp, [rdi]\nmov [rbp - 64], rdi\npop rbp\nret",
        "sub rsp, 24\ncall elsewhere\nmov [rsp], rax\nadd rsp, 24\nret",
        "push rbp\nmov rbp, rsp\nsub rsp, rax\nmov [rsp], rdi\nadd rsp, rax\nleave\nret",
        // A large frame with a stack probe for each page.
        "lea r11, [rsp - 40960]\n2: sub rsp, 4096\nmov qword ptr [rsp], 0\ncmp rsp, r11\njne 2b\nadd rsp, 40960\nret",
    ] {
        accepts(stack::check, body);
    }
}

#[test]
fn the_stack_is_followed_through_a_table_of_branches() {
    let body = "jmp qword ptr [8*rdi + 9f]\n2: push rax\nmov [rsp], rdi\npop rax\nret\n3: mov [rsp - 8], rdi\nret\n\
                .section .rodata\n9: .quad 2b, 3b\n.text";
    finds(
        stack::check,
        body,
        "subject + 0xe: Mov_rm64_r64 accesses 8 bytes below the stack pointer",
    );
}

#[test]
fn relocations_that_the_loader_does_not_know_are_found() {
    let finds = |body, what: &str| finds(relocations::check, body, &format!("subject + {what}"));
    finds(
        "mov rax, [rip + elsewhere@GOTPCREL]\nret",
        "0x3: R_X86_64_GOTPCREL for elsewhere",
    );
    finds(
        "mov eax, offset elsewhere\nret",
        "0x1: R_X86_64_32 for elsewhere",
    );
    finds(
        "mov rax, fs:[elsewhere@TPOFF]\nret",
        "0x5: R_X86_64_TPOFF32 for elsewhere",
    );
    accepts(
        relocations::check,
        "call elsewhere\nlea rax, [rip + elsewhere]\nmov rax, offset elsewhere\nmov rdi, [8*rdi + elsewhere]\n\
         movabs rax, offset elsewhere\nret",
    );
    let object = assembled(".section .tdata, \"awT\", @progbits\n.quad 1\n.text\n");
    let check = relocations::check(&Code::of_objects(&[&object]).unwrap());
    assert_eq!(check.findings, [".tdata: thread-local section"]);
}

#[test]
fn code_outside_of_functions_is_found() {
    let stray = format!("{}\nmov eax, 1\nret\n", function("subject", "ret\n"));
    let object = assembled(&stray);
    let check = padding::check(&Code::of_objects(&[&object]).unwrap());
    assert_eq!(
        check.findings,
        [".text + 0x1: Mov_r32_imm32 outside functions"]
    );

    let object = assembled(".text\n.type unmeasured, @function\nunmeasured:\nret\n");
    let check = padding::check(&Code::of_objects(&[&object]).unwrap());
    assert_eq!(
        check.findings,
        [
            "unmeasured: its symbol has no size",
            ".text + 0x0: Retnq outside functions"
        ]
    );

    let padded = format!(
        "{}.p2align 4, 0xcc\n{}.p2align 6\n",
        function("a", "ret"),
        function("b", "ret")
    );
    let object = assembled(&padded);
    let check = padding::check(&Code::of_objects(&[&object]).unwrap());
    assert_eq!(check.findings, [""; 0]);
}

#[test]
fn missing_and_unused_symbols_are_found() {
    let object = assembled(&function(
        "subject",
        "call nmd_read32\ncall memcpy\ncall surprise\nret",
    ));
    let code = Code::of_objects(&[&object]).unwrap();
    let list = List::parse(
        "list",
        "# comment\nnmd_read32 sync\nmemcpy # copies\nnmd_sleep\n",
    )
    .unwrap();
    let check = symbols::check(&code, &list, &["nmd_read32".to_owned()].into());
    assert_eq!(check.counted, "3 symbols");
    assert_eq!(
        check.findings,
        [
            "subject uses surprise, which list does not list",
            "list lists nmd_sleep, which is not used"
        ]
    );
    let check = symbols::check(&code, &list, &Default::default());
    assert!(
        check
            .findings
            .contains(&"list marks nmd_read32, which no sync calls".to_owned())
    );
    assert_eq!(
        List::parse("list", "a\na\n").err().unwrap(),
        "list:2: duplicate name a"
    );
    assert_eq!(
        List::parse("list", "a b\n").err().unwrap(),
        "list:1: expected a name, optionally followed by `sync` or a release"
    );
}

#[test]
fn names_of_another_release_are_not_listed() {
    let object = assembled(&function("subject", "call newer\ncall same\nret"));
    let code = Code::of_objects(&[&object]).unwrap();
    let findings = |release| {
        let list = List::parse("list", "older 14\nnewer 15\nsame\n").unwrap();
        symbols::check(&code, &list.of_release(release), &Default::default()).findings
    };
    assert_eq!(findings(15), [""; 0]);
    assert_eq!(
        findings(14),
        [
            "subject uses newer, which list does not list",
            "list lists older, which is not used"
        ]
    );
}

/// Findings for mangled names and tables of two NICs that share a `txsync`.
fn syncs(body: &str, rxsync: &str) -> Vec<String> {
    let tx = "_ZN11netmap_kmod5entry6txsync17h0000000000000001E";
    let rx = "_ZN11netmap_kmod5entry6rxsync17h0000000000000002E";
    let panic = "_ZN4core9panicking5panic17h0000000000000003E";
    let object = assembled(&format!(
        "{}{}{}{}.section .data.rel.ro, \"aw\"\n.quad {tx}, {rx}, {tx}, {rxsync}\n.text\n",
        function(tx, body),
        function(rx, "jmp nmd_read32"),
        function("helper", &format!("call {panic}\nud2")),
        function(panic, "jmp nmd_panic"),
    ));
    let code = Code::of_objects(&[&object]).unwrap();
    let list = List::parse("list", "nmd_read32 sync\nnmd_panic\nnmd_sleep\n").unwrap();
    syncs::check(&code, &list, 2).0.findings
}

const RX: &str = "_ZN11netmap_kmod5entry6rxsync17h0000000000000002E";

#[test]
fn a_path_from_a_sync_to_a_panic_is_found() {
    let tx = "netmap_kmod::entry::txsync";
    assert_eq!(syncs("call nmd_read32\nret", RX), [""; 0]);
    assert_eq!(
        syncs("test edi, edi\njne helper\nret", RX),
        [format!(
            "{tx} calls helper calls core::panicking::panic panics"
        )]
    );
    assert_eq!(
        syncs("call nmd_sleep\nret", RX),
        [format!("{tx} calls nmd_sleep, which a sync may not call")]
    );
    assert_eq!(
        syncs("call rax\nret", RX),
        [format!(
            "{tx} calls (through a pointer), which a sync may not call"
        )]
    );
    assert_eq!(
        syncs(
            "jmp qword ptr [8*rdi + 9f]\n2: ret\n.section .rodata\n9: .quad 2b\n.text",
            RX
        ),
        [""; 0]
    );
    assert_eq!(
        syncs("ret", "0"),
        ["netmap_kmod::entry::rxsync is in 1 tables, but there are 2 NICs"]
    );
}
