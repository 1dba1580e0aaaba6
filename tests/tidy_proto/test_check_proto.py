"""The check of the contract's comments must be able to fail."""
import os
import tempfile
import unittest

import check_proto


class Explained(unittest.TestCase):
    def unexplained(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.proto")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return check_proto.unexplained([path])[1]

    def test_a_comment_that_does_not_name_the_field_of_a_one_line_message_explains_nothing(self):
        lines = self.unexplained("// A standing status.\nmessage Status { uint64 person = 1; bool on = 2; }\n")
        self.assertEqual([line.partition(": ")[2].split()[0] for line in lines], ["Status.person", "Status.on"])

    def test_a_field_that_is_only_mentioned_is_not_explained(self):
        self.assertEqual(len(self.unexplained("// Whether it is on or off.\nmessage Status { bool on = 1; }\n")), 1)

    def test_fields_named_alone_or_in_a_list_are_explained(self):
        self.assertEqual(self.unexplained("// person, other: numbers; on: from\n// now on.\nmessage M { uint64 person = 1; uint64 other = 2; bool on = 3; }\n"), [])
        self.assertEqual(self.unexplained("message Ping { int64 sent_ms = 1; } // sent_ms: ms since 1970\n"), [])

    def test_a_field_on_a_line_of_its_own_needs_a_comment_of_its_own(self):
        self.assertEqual(len(self.unexplained("// A pair.\nmessage Pair {\n  int32 first = 1; // mm\n  int32 second = 2;\n}\n")), 1)


if __name__ == "__main__":
    unittest.main()
