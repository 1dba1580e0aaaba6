#!/usr/bin/python3
"""tests/bench/adapter.py [mllp [MESSAGES] | outbox [EVENTS] | census [CHILDREN]] - how fast the real adapter is. One JSON line a measurement.

    mllp     20 connections, each sends its next HL7 message when the last one is answered AA: messages a second into the outbox, synced
    outbox   EVENTS (1,000,000) marks of a register wait in an outbox while the hub is away: how long the adapter takes to open it, and how many a
             second it delivers to the hub (SQLite journal, synced) once there is one
    census   a children in need census of 10,000 synthetic children, each with a referral, assessments and a plan, three times through the drop
             folder of a new adapter: a first time (remembered), the same children with new facts (told), and all of it again (quiet). Seconds
             from the renaming to done/, beside xmllint --stream (a bare parse by the same library), and the process's peak of memory

Build first (release), then: MASHHUB_BIN=build/release/bin PYTHONPATH=build/release/generated/python:tests/python:tests/peers tests/bench/adapter.py
"""
import asyncio
import json
import os
import subprocess
import sys
import time

from zmq.utils import z85

import mash.v1.bus_pb2 as bus
import mash.v1.event_pb2 as ev
import mash.v1.record_pb2 as record
from hub_fixture import Hub
from test_peers import Adapter, free_port, missed

MESSAGE = b"\x0b" + missed(0).encode() + b"\x1c\x0d"
CONNECTIONS, MESSAGES, SECONDS = 20, 30000, 20


def wait_log(adapter, text, seconds):
    until = time.monotonic() + seconds
    while text not in adapter.log():
        if time.monotonic() > until:
            raise RuntimeError(adapter.log()[-2000:])
        time.sleep(0.05)


def cpu_seconds(adapter):
    with open(f"/proc/{adapter.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def sender(port, numbers, answered):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in numbers:
        writer.write(MESSAGE.replace(b"P00000000", b"P%08d" % number).replace(b"R000000^", b"R%06d^" % number).replace(b"APT-0", b"APT-%d" % number))
        answer = await reader.readuntil(b"\x1c\x0d")
        if b"MSA|AA|" not in answer:
            raise RuntimeError(answer)
        answered.append(number)
    writer.close()


def mllp(messages):
    port = free_port()
    adapter = Adapter("health", "health-hl7v2", f"  mllp: {{port: {port}}}\n")
    try:
        adapter.start()
        answered = []

        async def all_senders():
            await asyncio.gather(*(sender(port, range(i, messages, CONNECTIONS), answered) for i in range(CONNECTIONS)))
        begun = time.monotonic()
        asyncio.run(all_senders())
        took = time.monotonic() - begun
        cpu = cpu_seconds(adapter)
        print(json.dumps({"bench": "mllp", "connections": CONNECTIONS, "messages": len(answered), "seconds": round(took, 2),
                          "messages_a_second": round(len(answered) / took), "adapter_cpu_us_a_message": round(cpu * 1e6 / len(answered)), "in_the_outbox": adapter.count("put")}), flush=True)
    finally:
        adapter.end()


def register(adapter, events):
    """Files of a hundred thousand marks, each of a pupil without a name."""
    day = time.strftime("%d/%m/%Y", time.gmtime(time.time() - 2 * 86400))
    name = os.path.join(adapter.folder, "in")
    os.makedirs(name, exist_ok=True)
    for first in range(0, events, 100000):
        with open(os.path.join(name, f"{first:08}.csv"), "w", encoding="utf-8") as file:
            file.write("UPN,Surname,Forename,DOB,SchoolURN,Date,Session,Code,Comment,StudentID\n")
            for i in range(first, min(first + 100000, events)):
                file.write(f",Specimen,Sky,09/12/2016,100002,{day},AM,N,,S{i}\n")


def outbox(events):
    hub = Hub()
    adapter = Adapter("education", "education-register-csv", "  folder: in\n  poll_ms: 100\n")
    try:
        hub.start()
        with hub.operator() as operator:
            with open(os.path.join(adapter.folder, "adapter.pub"), "rb") as file:
                key = z85.decode(file.read().strip())
            reply = operator.command(enrol=bus.Enrol(public_key=key, kind=record.PEER_KIND_ADAPTER, name="source", agency=ev.AGENCY_EDUCATION, source_system="test/1"))
            if reply.code != bus.COMMAND_DONE:
                raise RuntimeError(reply.text)
        path = os.path.join(adapter.folder, "adapter.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        lines = [f"hub: {{endpoints: [\"tcp://127.0.0.1:{hub.agency_port}\"], server_key: {hub.server_key_file}}}" if line.startswith("hub:") else line
                 for line in text.split("\n")]
        adapter.write("adapter.yaml", "\n".join(lines).replace("E06000045", "E10000014") + "outbox: {waiting_max: 2000000}\n")
        os.makedirs(os.path.join(adapter.folder, "var"), exist_ok=True)
        adapter.write("var/STOP", "")
        register(adapter, events)
        begun = time.monotonic()
        adapter.start()
        while adapter.count("put") < events:
            time.sleep(0.5)
        filled = time.monotonic() - begun
        adapter.process.terminate()
        adapter.process.wait(60)
        begun = time.monotonic()
        adapter.start()
        opened = time.monotonic() - begun
        os.remove(os.path.join(adapter.folder, "var", "STOP"))
        wait_log(adapter, "sending again", 10)
        begun = time.monotonic()
        first = adapter.count("stored")
        time.sleep(SECONDS)
        stored = adapter.count("stored") - first
        took = time.monotonic() - begun
        print(json.dumps({"bench": "outbox", "waiting": events, "filled_s": round(filled, 1), "open_s": round(opened, 2),
                          "delivered": stored, "events_a_second": round(stored / took)}), flush=True)
    finally:
        adapter.end()
        hub.end()


def day(back):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() - back * 86400))


def census(path, children, quarter):
    """Facts of `quarter` (0, 1): in the second each child has another assessment, every tenth a protection plan."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Message>\n  <Header><CollectionDetails><Collection>CIN</Collection><Year>2026</Year>"
                   f"<ReferenceDate>{day(0)}</ReferenceDate></CollectionDetails><Source><SourceLevel>L</SourceLevel><LEA>850</LEA></Source></Header>\n  <Children>\n")
        for i in range(children):
            news = f"""<Assessments><AssessmentActualStartDate>{day(20)}</AssessmentActualStartDate><FactorsIdentifiedAtAssessment>
          <AssessmentFactors>3B</AssessmentFactors><AssessmentFactors>4B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>"""
            if i % 10 == 0:
                news += f"""<ChildProtectionPlans><CPPstartDate>{day(10)}</CPPstartDate><InitialCategoryOfAbuse>NEG</InitialCategoryOfAbuse></ChildProtectionPlans>"""
            file.write(f"""    <Child>
      <ChildIdentifiers><LAchildID>T{i:07}</LAchildID><UPNunknown>UN1</UPNunknown><PersonBirthDate>201{i % 10}-0{1 + i % 9}-1{i % 9}</PersonBirthDate><Sex>F</Sex></ChildIdentifiers>
      <ChildCharacteristics><Ethnicity>WBRI</Ethnicity><Disabilities><Disability>NONE</Disability></Disabilities></ChildCharacteristics>
      <CINdetails><CINreferralDate>{day(90)}</CINreferralDate><ReferralSource>6</ReferralSource><PrimaryNeedCode>N1</PrimaryNeedCode>
        <Assessments><AssessmentActualStartDate>{day(88)}</AssessmentActualStartDate><AssessmentAuthorisationDate>{day(60)}</AssessmentAuthorisationDate>
          <FactorsIdentifiedAtAssessment><AssessmentFactors>3B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>
        {news if quarter else ""}<ReferralNFA>false</ReferralNFA>
        <CINPlanDates><CINPlanStartDate>{day(50)}</CINPlanStartDate></CINPlanDates></CINdetails>
    </Child>
""")
        file.write("  </Children>\n</Message>\n")


def peak_mib(adapter):
    with open(f"/proc/{adapter.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) / 1024


def census_three_times(children):
    adapter = Adapter("childrens-services", "childrens-cin-census", "  folder: in\n  poll_ms: 10\n")
    try:
        adapter.start()
        drop = os.path.join(adapter.folder, "in")
        for name, quarter in (("first", 0), ("news", 1), ("again", 1)):
            path = os.path.join(adapter.folder, name + ".part")
            census(path, children, quarter)
            with open(path, "a", encoding="utf-8") as file:
                file.write(f"<!-- {name} -->\n")
            size = os.path.getsize(path)
            begun = time.monotonic()
            subprocess.run(["xmllint", "--stream", "--noout", path], check=True)
            bare = time.monotonic() - begun
            put, cpu = adapter.count("put"), cpu_seconds(adapter)
            begun = time.monotonic()
            os.rename(path, os.path.join(drop, name + ".xml"))
            while not os.path.exists(os.path.join(drop, "done", name + ".xml")):
                time.sleep(0.01)
            took = time.monotonic() - begun
            print(json.dumps({"bench": "census", "file": name, "children": children, "mib": round(size / 2**20, 1), "seconds": round(took, 2),
                              "bare_parse_s": round(bare, 3), "ratio": round(took / bare, 1), "cpu_s": round(cpu_seconds(adapter) - cpu, 2),
                              "events": adapter.count("put") - put, "parked": adapter.count("parked_here"), "peak_mib": round(peak_mib(adapter), 1)}), flush=True)
    finally:
        adapter.end()


if __name__ == "__main__":
    what = sys.argv[1] if len(sys.argv) > 1 else "all"
    if what in ("mllp", "all"):
        mllp(int(sys.argv[2]) if len(sys.argv) > 2 else MESSAGES)
    if what in ("outbox", "all"):
        outbox(int(sys.argv[2]) if len(sys.argv) > 2 else 1000000)
    if what in ("census", "all"):
        census_three_times(int(sys.argv[2]) if len(sys.argv) > 2 else 10000)
