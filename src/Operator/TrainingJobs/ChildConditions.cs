namespace GpuMem.Operator.TrainingJobs;

/// <summary>What a launched Job says, as conditions of its TrainingJob.</summary>
internal static class ChildConditions
{
    public static void SetChild(this Conditions conditions, string name, ChildJob child)
    {
        conditions.Set("Launched", true, "Launched", $"Job '{name}' was created");
        if (child.End is { } end)
            conditions.Set(end.Type!, true, end.Reason is { Length: > 0 } reason ? reason : end.Type!, end.Message ?? "");
    }
}
