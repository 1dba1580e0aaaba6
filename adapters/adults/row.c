#include "adults/row.h"

hub_bytes adults_text(const adults_row *in, int column)
{
    return formats_csv_text(in->row, in->columns[column]);
}

char *adults_copy(adults_row *in, int column)
{
    return formats_text(in->draft, adults_text(in, column));
}

bool adults_date(const adults_row *in, int column, formats_date *out)
{
    hub_bytes text = adults_text(in, column);
    return text.size == 0 || formats_date_of_row(text, out);
}
