using System.Collections;

namespace GpuMem.Kubernetes.Serialization;

/// <summary>
/// The API server keeps no list with a null in it: whoever reads one is not talked to by an API server, or not by one that works. Such an object
/// cannot be read, as one cannot whose containers are a number, and nobody who walks a list has to think of it.
/// </summary>
internal static class NullItems
{
    internal static void Refuse(JsonTypeInfo type)
    {
        (string Name, Func<object, object?> Get)[] lists =
            [.. type.Properties.Where(member => member.Get is not null && IsListOfReferences(member.PropertyType)).Select(member => (member.Name, member.Get!))];
        if (lists.Length == 0)
            return;
        type.OnDeserialized = read =>
        {
            foreach ((string name, Func<object, object?> get) in lists)
                if (get(read) is IList list && HasNull(list))
                    throw new JsonException($"{name}: a list must have no null in it");
        };
    }

    private static bool IsListOfReferences(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) && !type.GenericTypeArguments[0].IsValueType;

    private static bool HasNull(IList list)
    {
        for (int i = 0; i < list.Count; i++)
            if (list[i] is null)
                return true;
        return false;
    }
}
