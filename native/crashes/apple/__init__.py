"""Crash reports of Apple's systems and of the crash reporters that apps bring along, read into events.

=============  =======================================================================================
``text``       ``.crash`` files of macOS and iOS, and PLCrashReporter's text
``ips``        ``.ips`` files: JSON of iOS 15 and macOS 12 on, reports of memory pressure
``kscrash``    KSCrash's JSON (sentry-cocoa, Bugsnag and others write it too)
``plcrash``    PLCrashReporter's protobuf, and the JSON that protobuf libraries make of it
=============  =======================================================================================

Each reads into a `report.Report`, of which `events` makes the event: so the same crash is the same event, whoever wrote
it down.
"""
