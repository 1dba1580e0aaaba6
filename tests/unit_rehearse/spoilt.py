"""A policy that is wrong must be found by the story that is about it. Each row spoils one line of the shipped policy in a copy; the story of
that title must then fail. A story that holds whatever the policy says would let the next mistake through."""
import os
import shutil
import subprocess
import sys
import tempfile

# file of the policy, what stands there, what somebody wrote by mistake, and a story that must not hold any more
SPOILT = [
    ("clocks.yaml", "amount: 240\n    calendar: front-door\n    from: stored\n    statutory: no",
     "amount: 480\n    calendar: front-door\n    from: stored\n    statutory: no",
     "A high-risk incident late on a Friday reaches the front door"),
    ("clocks.yaml", "from: stated_receipt", "from: stored", "A referral is answered within one working day of the authority's receiving it"),
    ("clocks.yaml", "    out_of_hours_too: yes", "    out_of_hours_too: no", "A bank holiday is a night"),
    ("clocks.yaml", "    second_person: yes\n", "", "Nobody holds a red alone"),
    ("calendars.yaml", "      - {date: 2026-12-28, title: Boxing Day, notes: Substitute day}\n", "",
     "What comes on Christmas Eve at a quarter to five"),
    ("calendars.yaml", "friday: 08:30-16:30", "friday: 08:30-17:00", "On a Friday a working day ends at half past four"),
    ("calendars.yaml", "2026-01-05, 2026-04-20,", "2026-01-05,", "A day on which only teachers come to school"),
    ("partnership.yaml", "{service: childrens_front_door, area: E06000046, queue: hampshire_childrens}",
     "{service: childrens_front_door, area: E06000046, queue: portsmouth_childrens}", "A child who is not yet born"),
    ("partnership.yaml", "{service: duty, area: E06000044, queue: portsmouth_duty}",
     "{service: duty, area: E06000044, queue: hampshire_duty}", "A duty manager who is told of a lapsed clock"),
    ("sharing.yaml", "    only_subjects: [child]\n", "", "A correction reaches the school, and tells of no adult"),
    ("sharing.yaml", "subjects.date_of_birth, subjects.school_urn, subjects.present,",
     "subjects.date_of_birth, subjects.school_urn, subjects.present, subjects.addresses,", "A school sees the child, the reference"),
    ("partnership.yaml", "source_systems: [niche/43]", "source_systems: [niche/44]", "A force that has chosen nothing tells the least"),
    ("partnership.yaml", "service: encompass, audience: school_full", "service: encompass, audience: school_minimal",
     "A force that has chosen the full content tells the school the child's own voice"),
    ("sharing.yaml", "    one_by_one: yes\n", "    one_by_one: no\n", "Brothers at two schools are told of apart"),
    ("sharing.yaml", "    near: [alleged_perpetrator, supervised_person]\n", "", "Who may be in touch with the alleged perpetrator learns no place"),
    ("sharing.yaml", "  - name: duty\n    sees_up_to: sensitive\n    fields: [event_id, area, exercise]",
     "  - name: duty\n    sees_up_to: restricted\n    fields: [event_id, area, exercise]", "Fabricated or induced illness"),
    ("sharing.yaml", "  - name: education_notice\n    sees_up_to: official", "  - name: education_notice\n    sees_up_to: sensitive",
     "What is sensitive does not go to those who see official events only"),
    ("sharing.yaml", "referral.no_further_action, section_47_enquiry.change, missing.risk,",
     "referral.no_further_action, section_47_enquiry, missing.risk,", "A section 47 enquiry is known to health, school and police"),
    ("sharing.yaml", "looked_after.change, looked_after.on, referral.kind, referral.change, referral.no_further_action, missing.risk",
     "looked_after, referral.kind, referral.change, referral.no_further_action, missing.risk", "Health and school know that a child is looked after"),
    ("rules-domestic-abuse.yaml", "within_months: 12, at_least: 3}", "within_months: 12, at_least: 4}",
     "The third incident in twelve months is for MARAC"),
    ("rules-domestic-abuse.yaml", "within_months: 12, at_least: 3}", "within_months: 24, at_least: 3}",
     "An incident a year and a day ago no longer counts"),
    ("rules-domestic-abuse.yaml", "{age: {at_least_months: 48, under_months: 216, or_at_school: yes}",
     "{age: {at_least_months: 48, under_months: 216}", "A child whose age nobody knows is told of"),
    ("rules-domestic-abuse.yaml", "      - {field: {domestic_abuse_incident.grades.level: [high, very_high]}",
     "      - {field: {domestic_abuse_incident.grades.level: [very_high]}", "A child who is not yet born"),
    ("rules-health.yaml", "      - {field: {missed_appointment.consecutive: {at_least: 2}}", "      - {field: {missed_appointment.consecutive: {at_least: 3}}",
     "Twice running is a concern"),
    ("rules-health.yaml", "      - status: [child_protection_plan, looked_after]\n    about: [child]\n    then: {alert: {service: childrens_front_door, rating: amber}}",
     "      - status: [looked_after]\n    about: [child]\n    then: {alert: {service: childrens_front_door, rating: amber}}",
     "One is enough for a brother"),
    ("rules-justice.yaml", "      - payload: [release]\n    about: [child, unborn_child]\n    about_family: yes",
     "      - payload: [release]\n    about: [child, unborn_child]\n    about_family: no", "A father's release reaches"),
    ("rules-justice.yaml", "      - {field: {risk_flag.change: started}, plain: the flag was set}\n    about: [child, unborn_child]",
     "      - {field: {risk_flag.change: [started, ended]}, plain: the flag was set}\n    about: [child, unborn_child]",
     "A risk flag on a father is an alert about the child"),
    ("rules-social-care.yaml", "    about: [child, unborn_child, adult]\n", "    about: [child, unborn_child]\n",
     "Who was told of a plan in childhood is told that it ended"),
    ("rules-adults.yaml", "      - payload: [adult_concern]\n    about: [child, unborn_child]\n    then: {alert: {service: childrens_front_door",
     "      - payload: [adult_concern]\n    about: [unborn_child]\n    then: {alert: {service: childrens_front_door",
     "A concern for an adult who lives with a child is known to both"),
    ("escalation.yaml", "    ratings: [red]\n    service: out_of_hours", "    ratings: [red]\n    service: duty",
     "A red that is sent to the out-of-hours team and that nobody takes"),
    ("escalation.yaml", "    ratings: [amber, green, blue]\n    service: out_of_hours", "    ratings: [amber, blue]\n    service: out_of_hours",
     "A green that is sent to the out-of-hours team is looked at"),
    ("escalation.yaml", "        unless: seen\n        tell: {role: senior-practitioner, service: childrens_front_door}\n        plain: \"nobody has seen it in 15 minutes",
     "        unless: decided\n        tell: {role: senior-practitioner, service: childrens_front_door}\n        plain: \"nobody has seen it in 15 minutes",
     "That somebody has only seen it stops the first step alone"),
    ("escalation.yaml", "        with_events: yes\n", "        with_events: no\n",
     "A green that nobody has rated at closing time goes to the out-of-hours team"),
    ("escalation.yaml", "{role: senior-practitioner, service: out_of_hours}", "{role: practitioner, service: out_of_hours}",
     "Fabricated or induced illness"),
    ("roster.yaml", "refer, settle, confirm-link, split-link]\n  - role: senior-practitioner", "refer, settle, confirm-link, split-link, decide]\n  - role: senior-practitioner",
     "A practitioner does not decide"),
    ("outcomes.yaml", "    source: Children Act 1989 s47\n    needs_legal_basis: yes", "    source: Children Act 1989 s47",
     "A practitioner does not decide; a manager does"),
    ("disagreement.yaml", "standard: {kind: working_days, amount: 2, calendar: front-door}\n        urgent: {kind: elapsed_minutes, amount: 240",
     "standard: {kind: working_days, amount: 5, calendar: front-door}\n        urgent: {kind: elapsed_minutes, amount: 240",
     "What two practitioners do not resolve in two working days"),
]


def spoil(folder, name, stands, mistake):
    path = os.path.join(folder, "policy", name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if stands not in text:
        return f"{name}: this no longer stands there: {stands!r}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(stands, mistake))
    return ""


def try_row(mashctl, config, row):
    name, stands, mistake, title = row
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(config, folder, dirs_exist_ok=True)
        problem = spoil(folder, name, stands, mistake)
        if problem:
            return problem
        ran = subprocess.run([mashctl, "policy", "test", os.path.join(folder, "policy")], capture_output=True, text=True, check=False)
        if ran.returncode == 0:
            return f"{name}: {mistake!r} in place of {stands!r}: every story holds"
        if f": {title}" not in ran.stdout:
            return f"{name}: {mistake!r} in place of {stands!r}: '{title}' holds; said was:\n{ran.stdout}{ran.stderr}"
    return ""


def try_worked_example(mashctl, config):
    """The story that README.md teaches with must hold, or it teaches nothing."""
    with open(os.path.join(config, "scenarios", "README.md"), encoding="utf-8") as file:
        lines = file.read().split("\n")
    begin = lines.index("    scenarios:")
    end = next(i for i in range(begin, len(lines)) if lines[i] and not lines[i].startswith("    "))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write("\n".join(line[4:] for line in lines[begin:end]) + "\n")
        file.flush()
        ran = subprocess.run([mashctl, "policy", "test", os.path.join(config, "policy"), file.name], capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else f"the worked example of README.md does not hold:\n{ran.stdout}{ran.stderr}"


def main():
    mashctl, config = sys.argv[1:3]
    problems = [problem for row in SPOILT if (problem := try_row(mashctl, config, row))]
    problems += [problem for problem in [try_worked_example(mashctl, config)] if problem]
    print("\n".join(problems))
    print(f"{len(SPOILT)} spoilt policies and a worked example: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
