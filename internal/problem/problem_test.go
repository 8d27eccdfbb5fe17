package problem

import "testing"

func TestRestSaysNothingTwiceOfAField(t *testing.T) {
	var other, c Check
	for _, name := range []string{"opens", "limit", "title", "title"} {
		other.That(false, name, "missing")
	}
	c.That(false, "opens", "no date")
	c.That(false, "limit1", "no number")
	c.Rest(other.Err())
	c.Rest(nil)
	e, _ := c.Err().(*Error)
	var got string
	for _, f := range e.Fields {
		got += f.Name + "=" + f.Message + " "
	}
	if got != "opens=no date limit1=no number title=missing title=missing " {
		t.Error(got)
	}
}
