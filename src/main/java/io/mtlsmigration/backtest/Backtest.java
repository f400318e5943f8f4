// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import java.util.ArrayList;
import java.util.List;

/**
 * Each namespace's answer, in the order of waves. A fold over hours: what is certain and what may
 * be are followed apart, so that an hour of which nothing is known makes nothing certain.
 */
public record Backtest(Question question, List<Member> members) {

  public Backtest {
    members = List.copyOf(members);
  }

  /** Computes it. */
  public static Backtest of(Question question) {
    List<Member> members = new ArrayList<>();
    Turn turn = new Turn(question.from(), question.from(), List.of());
    for (Question.Part part : question.waves()) {
      List<Member> wave = new ArrayList<>();
      List<Member> holding = new ArrayList<>();
      for (String namespace : part.namespaces()) {
        MemberStudy study = new MemberStudy(question, part.wave(), namespace, turn);
        Member member = study.member();
        wave.add(member);
        if (study.holds()) {
          holding.add(member);
        }
      }
      members.addAll(wave);
      turn = turn.after(holding, question.spec().verification().duration());
    }
    return new Backtest(question, members);
  }
}
