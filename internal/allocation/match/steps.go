package match

// Steps solves the instance and gives what it comes to, number by number in
// the order of comparison, for setting beside other solvers: doctors left
// without, of these in the priority class, doctors at the last choice down to
// the second (for generous), miles, days, the sum of the draw.
func (in *Instance) Steps() ([]int64, error) {
	out, err := in.Place()
	if err != nil {
		return nil, err
	}
	return in.score(out.Given), nil
}

// Draw is the draw number of a doctor and a post of the run.
func (in *Instance) Draw(doctor, post string) int64 {
	return number(string(in.run.Seed), doctor, post)
}
