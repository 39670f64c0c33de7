namespace GpuMem.Kubernetes.Serialization;

/// <summary>Narrows what is read of a type.</summary>
public static class KeptMembers
{
    /// <summary>Reads these members alone; the others are skipped, and never become text.</summary>
    public static void KeepOnly(this JsonTypeInfo type, params string[] members)
    {
        for (int at = type.Properties.Count - 1; at >= 0; at--)
        {
            if (!members.Contains(type.Properties[at].Name))
                type.Properties.RemoveAt(at);
        }
    }
}
