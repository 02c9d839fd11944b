//! All texts and all lines of an observation, wherever in it they are.

use super::{Evaluated, Execution, Failure, Observation, UnitSeen};

impl Observation {
    /// Every text in which a run could show something, be it as its description of a value.
    pub fn texts(&self) -> Vec<String> {
        let Observation { output, units, probes, setup, network, names, .. } = self;
        let mut texts: Vec<_> =
            output.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        texts.extend(units.values().filter_map(|unit| unit.failure.as_ref()).map(said));
        texts.extend(setup.iter().filter_map(|setup| setup.failure.as_ref()).map(said));
        for Execution { values, caught, before, after, evaluated, start: _, end: _ } in
            probes.values().flatten()
        {
            texts.extend(values.iter().map(json));
            texts.extend(caught.as_ref().map(said));
            texts.extend(before.iter().chain(after).map(json));
            for Evaluated { code, out, fact, failure } in evaluated {
                texts.extend([code.clone(), out.clone()]);
                texts.extend(fact.as_ref().map(json));
                texts.extend(failure.as_ref().map(said));
            }
        }
        texts.extend(network.iter().map(|(_, host)| host.clone()));
        texts.extend(names.iter().cloned());
        texts
    }

    /// Calls a function with every line of the guide.
    pub fn each_line(&mut self, f: &mut dyn FnMut(&mut usize)) {
        let Observation { units, probes, marks, setup, last_lines, .. } = self;
        units.values_mut().for_each(|UnitSeen { failure, .. }| of_failure(failure.as_mut(), f));
        for Execution { caught, evaluated, .. } in probes.values_mut().flatten() {
            of_failure(caught.as_mut(), f);
            evaluated.iter_mut().for_each(|it| of_failure(it.failure.as_mut(), f));
        }
        marks.iter_mut().flat_map(|mark| &mut mark.lines).for_each(&mut *f);
        of_failure(setup.as_mut().and_then(|setup| setup.failure.as_mut()), f);
        last_lines.iter_mut().for_each(f);
    }

    /// About how many bytes it takes.
    pub fn size(&self) -> usize {
        let marks: usize = self.marks.iter().map(|mark| 64 + 8 * mark.lines.len()).sum();
        size_of::<Observation>() + marks + self.texts().iter().map(|text| 64 + text.len()).sum::<usize>()
    }
}

fn of_failure(failure: Option<&mut Failure>, f: &mut dyn FnMut(&mut usize)) {
    if let Some(Failure { syntax_line, lines, line, .. }) = failure {
        lines.iter_mut().chain(line).chain(syntax_line).for_each(f);
    }
}

/// What an exception says, without its lines.
fn said(failure: &Failure) -> String {
    let mut said = failure.clone();
    (said.lines, said.line, said.syntax_line) = (Vec::new(), None, None);
    json(&said)
}

fn json(part: &impl serde::Serialize) -> String {
    serde_json::to_string(part).expect("plain data")
}
