namespace GpuMem.Operator.Tests.TrainingJobs;

public sealed class ConditionsTests
{
    private static readonly DateTimeOffset Before = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Now = Before.AddHours(1);

    private static readonly Condition[] Old =
    [
        new() { Type = "Fits", Status = "True", Reason = "Fits", LastTransitionTime = Before },
        new() { Type = "Stalled", Status = "True", Reason = "NameTaken", LastTransitionTime = Before },
    ];

    [Fact]
    public void A_condition_keeps_its_time_while_its_status_stays_whatever_the_words()
    {
        var condition = Set(true, "AtRisk", "other words");
        Assert.Equal((Before, "AtRisk", "other words", 7L), (condition.LastTransitionTime, condition.Reason, condition.Message, condition.ObservedGeneration));
    }

    [Theory]
    [InlineData(false, "False")]
    [InlineData(null, "Unknown")]
    public void A_condition_whose_status_changes_takes_the_time_of_the_change(bool? status, string text)
    {
        var condition = Set(status, "DoesNotFit", "");
        Assert.Equal((Now, text), (condition.LastTransitionTime, condition.Status));
    }

    [Fact]
    public void What_is_not_set_again_is_gone() => Assert.DoesNotContain(new Conditions(Old, 7, Now).List, condition => condition.Type == "Stalled");

    [Fact]
    public void A_message_is_cut_to_what_the_schema_allows() => Assert.Equal(1024, Set(true, "Fits", new string('x', 5000)).Message!.Length);

    private static Condition Set(bool? status, string reason, string message)
    {
        var conditions = new Conditions(Old, 7, Now);
        conditions.Set("Fits", status, reason, message);
        return Assert.Single(conditions.List);
    }
}
