//! The crate `minidump` reads the same.

use minidump::{
    Endian as OracleEndian, Minidump as Oracle, MinidumpCrashpadInfo, MinidumpException, MinidumpMemoryList,
    MinidumpMiscInfo, MinidumpModuleList, MinidumpSystemInfo, MinidumpThreadList, MinidumpThreadNames,
    MinidumpUnloadedModuleList, Module as _, UnifiedMemoryList,
};
use minidump_synth::{
    AnnotationValue, CrashpadInfo, DumpString, Exception, Memory, Module, ModuleCrashpadInfo, SynthMinidump,
    SystemInfo, Thread, ThreadName, UnloadedModule, amd64_context, arm64_context, x86_context,
};
use test_assembler::{Endian, Section};

use super::super::values::Minidump;
use super::{finished, read_all, real};

/// Everything that both readers know of a dump must be the same.
fn agrees(bytes: &[u8]) -> Minidump {
    let ours = read_all(bytes);
    let oracle = Oracle::read(bytes).expect("the oracle reads it");
    assert_eq!(ours.timestamp, oracle.header.time_date_stamp);
    threads_agree(&ours, &oracle, bytes);
    modules_agree(&ours, &oracle);
    if let Ok(exception) = oracle.get_stream::<MinidumpException<'_>>() {
        let own = ours.exception.as_ref().expect("there is an exception");
        let record = &exception.raw.exception_record;
        assert_eq!((own.thread_id, own.code), (exception.thread_id, record.exception_code));
        assert_eq!((own.flags, own.address), (record.exception_flags, record.exception_address));
        assert_eq!(own.parameters, record.exception_information[..own.parameters.len()]);
    }
    if let Ok(misc) = oracle.get_stream::<MinidumpMiscInfo>() {
        assert_eq!(ours.process.as_ref().expect("there is a process").id, misc.raw.process_id().copied());
    }
    ours
}

fn threads_agree(ours: &Minidump, oracle: &Oracle<'_, &[u8]>, bytes: &[u8]) {
    let Ok(threads) = oracle.get_stream::<MinidumpThreadList<'_>>() else { return };
    let names = oracle.get_stream::<MinidumpThreadNames>().unwrap_or_default();
    let memory = oracle.get_memory().unwrap_or(UnifiedMemoryList::Memory(MinidumpMemoryList::new()));
    let system = oracle.get_stream::<MinidumpSystemInfo>().expect("there is a system");
    let exception = oracle.get_stream::<MinidumpException<'_>>().ok();
    assert_eq!(ours.threads.len(), threads.threads.len());
    for (own, true_one) in ours.threads.iter().zip(&threads.threads) {
        assert_eq!(own.id, true_one.raw.thread_id);
        assert_eq!(own.name.as_deref(), names.get_name(own.id).as_deref());
        let raised = exception.as_ref().filter(|exception| exception.thread_id == own.id);
        let context = raised.and_then(|exception| exception.context(&system, None));
        let Some(context) = context.or_else(|| true_one.context(&system, None)) else {
            assert!(own.registers.is_empty());
            continue;
        };
        for (name, value) in &own.registers {
            assert_eq!(*value, context.get_register_always(oracle_name(name)), "{name}");
        }
        let pointer = context.get_stack_pointer();
        if let Some(stack) = &own.stack {
            let region = true_one.stack_memory(&memory).expect("the oracle has the stack too");
            let skipped =
                usize::try_from(pointer.max(stack.address) - region.base_address()).unwrap_or_default();
            let held = &region.bytes()[skipped..];
            assert_eq!(bytes[stack.place.clone()], held[..stack.place.len()]);
        }
    }
}

/// The oracle calls registers of ARM by their numbers.
fn oracle_name(name: &str) -> &str {
    match name {
        "fp" => "x29",
        "lr" => "x30",
        other => other,
    }
}

fn modules_agree(ours: &Minidump, oracle: &Oracle<'_, &[u8]>) {
    let modules = oracle.get_stream::<MinidumpModuleList>().unwrap_or_default();
    for own in &ours.modules {
        let Some(true_one) = modules.iter().find(|module| module.base_address() == own.base) else {
            continue;
        };
        assert_eq!((own.name.as_str(), u64::from(own.size)), (&*true_one.code_file(), true_one.size()));
        let code_id = true_one.code_identifier().map(|id| id.as_str().to_owned());
        assert_eq!(own.code_id, code_id.filter(|id| !id.is_empty()));
        let debug_id = true_one.debug_identifier().filter(|id| !id.is_nil()).map(|id| id.to_string());
        assert_eq!(own.debug_id, debug_id);
    }
    let unloaded = oracle.get_stream::<MinidumpUnloadedModuleList>().unwrap_or_default();
    assert_eq!(ours.unloaded_modules.len(), unloaded.iter().count());
}

/// A crash of Linux as crate minidump-writer keeps it would lose threads, registers or stacks on their way.
#[test]
fn a_real_dump_reads_the_same() {
    let dump = agrees(&real());
    assert!(dump.damage.is_empty());
    assert!(dump.threads.iter().all(|thread| thread.stack.is_some() && thread.name.is_some()));
}

fn synthetic(endian: Endian, architecture: u16, platform: u32, context: Section) -> Vec<u8> {
    let stack = Memory::with_section(Section::with_endian(endian).append_repeated(7, 0x100), 0x7000);
    let (name, image) = (DumpString::new("worker ✓", endian), DumpString::new("C:\\a\\app.exe", endian));
    let record = Section::with_endian(endian)
        .D32(0x5344_5352_u32)
        .D32(0x1122_3344_u32)
        .D16(0x5566)
        .D16(0x7788)
        .append_bytes(&[9, 8, 7, 6, 5, 4, 3, 2])
        .D32(3)
        .append_bytes(b"c:\\app.pdb\0");
    let module = Module::new(endian, 0x40_0000, 0x1_0000, &image, 0x5f00_0000, 0, None).cv_record(&record);
    let mut exception = Exception::new(endian);
    exception.thread_id = 7;
    exception.exception_record.exception_code = 0xc000_0005;
    exception.exception_record.number_parameters = 2;
    exception.exception_record.exception_information[1] = 0x18;
    let system = SystemInfo::new(endian).set_processor_architecture(architecture).set_platform_id(platform);
    let dump = SynthMinidump::with_endian(endian)
        .add_thread(Thread::new(endian, 7, &stack, &context))
        .add_thread_name(ThreadName::new(endian, 7, Some(&name)))
        .add_module(module)
        .add_unloaded_module(UnloadedModule::new(endian, 0x50_0000, 0x2000, &image, 0x5f00_0001, 0))
        .add_exception(exception)
        .add_system_info(system)
        .add_memory(stack);
    finished(dump.add(name).add(image).add(record).add(context))
}

/// One processor's registers would be read from the wrong places.
#[test]
fn every_processor_reads_the_same() {
    let little = Endian::Little;
    let dumps = [
        (9, 2, amd64_context(little, 0x40_1000, 0x7010), "x86_64"),
        (0, 2, x86_context(little, 0x40_1000, 0x7010), "x86"),
        (12, 0x8101, arm64_context(little, 0x40_1000, 0x7010), "arm64"),
    ];
    for (architecture, platform, context, name) in dumps {
        let dump = agrees(&synthetic(little, architecture, platform, context));
        assert_eq!(dump.system.as_ref().map(|system| system.arch), Some(name));
        let thread = &dump.threads[0];
        assert_eq!(thread.name.as_deref(), Some("worker ✓"));
        assert_eq!(
            thread.stack.as_ref().map(|stack| (stack.address, stack.place.len())),
            Some((0x7010, 0xf0))
        );
        assert_eq!(
            dump.exception.as_ref().map(|exception| exception.parameters.clone()),
            Some(vec![0, 0x18])
        );
    }
}

/// Dumps of big-endian machines would be refused, or read as nonsense.
#[test]
fn big_endian_reads_the_same() {
    let dump = agrees(&synthetic(Endian::Big, 9, 2, amd64_context(Endian::Big, 0x40_1000, 0x7010)));
    assert_eq!(dump.modules[0].debug_id.as_deref(), Some("11223344-5566-7788-0908-070605040302-3"));
    let _ = OracleEndian::Big;
}

/// Full dumps keep memory in another list, in which a stack is several regions.
#[test]
fn stacks_of_full_dumps_are_found() {
    let endian = Endian::Little;
    let first = Memory::with_section(Section::with_endian(endian).append_repeated(1, 0x20), 0x7000);
    let second = Memory::with_section(Section::with_endian(endian).append_repeated(2, 0x30), 0x7020);
    let none = Memory::with_section(Section::with_endian(endian), 0);
    let context = amd64_context(endian, 0x40_1000, 0x7010);
    let system = SystemInfo::new(endian).set_processor_architecture(9).set_platform_id(2);
    let dump = SynthMinidump::with_endian(endian)
        .add_thread(Thread::new(endian, 7, &none, &context))
        .add_memory64(first)
        .add_memory64(second)
        .add_system_info(system);
    let bytes = finished(dump.add(none).add(context));
    let stack = read_all(&bytes).threads.remove(0).stack.expect("the stack is there");
    assert_eq!(
        (stack.address, &bytes[stack.place]),
        (0x7010, &[[1; 0x10].as_slice(), &[2; 0x30]].concat()[..])
    );
}

/// Annotations say what the program knew about itself: lost ones cannot be asked for again.
#[test]
fn annotations_of_crashpad_read_the_same() {
    let endian = Endian::Little;
    let module = ModuleCrashpadInfo::new(0, endian)
        .add_list_annotation("said")
        .add_simple_annotation("simple", "of the image")
        .add_annotation_object("object", AnnotationValue::String("text".to_owned()))
        .add_annotation_object("own", AnnotationValue::Custom(0x8001, vec![42]));
    let info = CrashpadInfo::new(endian).add_module(module).add_simple_annotation("simple", "of the process");
    let bytes = finished(SynthMinidump::with_endian(endian).add_crashpad_info(info));
    let oracle = Oracle::read(&bytes[..]).expect("the oracle reads it");
    let true_one = oracle.get_stream::<MinidumpCrashpadInfo>().expect("there are annotations");
    let own = read_all(&bytes).crashpad.expect("there are annotations");
    assert_eq!(own.annotations, true_one.simple_annotations.into_iter().collect::<Vec<_>>());
    let (module, true_module) = (&own.modules[0], &true_one.module_list[0]);
    assert_eq!(module.texts, true_module.list_annotations);
    assert_eq!(module.simple, [("simple".to_owned(), "of the image".to_owned())]);
    let objects: Vec<_> =
        module.objects.iter().map(|one| (one.name.as_str(), one.value.as_deref())).collect();
    assert_eq!(objects, [("object", Some("text")), ("own", None)]);
}
